//! Many calls, and nothing left of them.

use super::{Phone, sdp};
use crate::{CallEvent, Event};

/// Makes calls, answers and ends each; the transactions that wait out their 32 seconds are counted apart.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_left_of_a_thousand_calls() {
    const CALLS: usize = 1000;
    const AT_ONCE: usize = 100;
    let (mut olga, mut ivan) = (Phone::new().await, Phone::new().await);
    let (mut made, mut ended) = (0, 0);
    while made < AT_ONCE {
        olga.calls(&ivan);
        made += 1;
    }
    while ended < CALLS {
        tokio::select! {
            event = ivan.next() => match event {
                Event::Incoming { call, .. } => call.answer(sdp(2)).unwrap(),
                Event::Call { event, .. } => assert!(
                    matches!(event, CallEvent::Acknowledged { .. } | CallEvent::Ended { code: 200, .. }), "{event:?}"
                ),
                Event::Registration { .. } => panic!(),
            },
            event = olga.next() => match event {
                Event::Call { id, event: CallEvent::Answered { .. } } => {
                    olga.agent.find(id).unwrap().hang_up("").unwrap();
                }
                Event::Call { event: CallEvent::Ended { code: 200, .. }, .. } => {
                    ended += 1;
                    if made < CALLS {
                        olga.calls(&ivan);
                        made += 1;
                    }
                }
                other => panic!("{other:?}"),
            },
        }
    }
    for phone in [&olga, &ivan] {
        let until = tokio::time::Instant::now() + super::NEVER;
        while phone.agent.load().calls + phone.agent.load().transactions > 0 {
            assert!(tokio::time::Instant::now() < until, "left over: {:?}", phone.agent.load());
            tokio::task::yield_now().await;
        }
    }
    olga.stops().await;
    ivan.stops().await;
}
