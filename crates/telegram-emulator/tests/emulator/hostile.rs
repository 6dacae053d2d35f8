//! Clients that are not what they should be: the MTProto door closes on them and stays open for others.

use crate::account::{Account, stage};
use grammers_client::tl::{self, Serializable};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

#[tokio::test]
async fn noise_ends_its_own_connection_only() {
    let stage = stage().await;
    let account = Account::signed_in(&stage).await;
    let entrance = stage.get("mtproto").await;
    let address = entrance["address"].as_str().unwrap();
    let claims_too_much = [0xff; 64].to_vec();
    let wrong_checksum = [&16_u32.to_le_bytes()[..], &[0; 12]].concat();
    let http = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec();
    for noise in [claims_too_much, wrong_checksum, http] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(&noise).await.unwrap();
        // A reset is an end too.
        let _ = stream.read_to_end(&mut Vec::new()).await;
    }
    account.ok(&tl::functions::updates::GetState {}).await;
    account.close().await;
}

/// So many layers around nothing.
struct Layers(usize);

impl Serializable for Layers {
    fn serialize(&self, to: &mut impl Extend<u8>) {
        for _ in 0..self.0 {
            0xda9b_0d0d_u32.serialize(to);
            tl::LAYER.serialize(to);
        }
        tl::functions::help::GetConfig {}.serialize(to);
    }
}

impl tl::RemoteCall for Layers {
    type Return = tl::enums::Config;
}

#[tokio::test]
async fn a_request_in_endless_wrapping_is_refused() {
    let stage = stage().await;
    let account = Account::signed_in(&stage).await;
    account.ok(&Layers(2)).await;
    assert_eq!(account.refused(&Layers(50_000)).await, (400, "INPUT_METHOD_INVALID".to_owned()));
    account.close().await;
}
