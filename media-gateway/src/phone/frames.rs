//! The frames of the phone protocol as types: what `docs/phone.md` says, and nothing more.

use crate::media::turn::IceServer;
use serde::{Deserialize, Serialize};

/// From the phone.
#[derive(Clone, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum ClientFrame {
    /// Let me in.
    Hello {
        /// The protocol's version.
        version: u32,
        /// What Telegram signed.
        init_data: String,
        /// The language of words.
        language: Option<String>,
    },
    /// Set up sound.
    Media {
        /// SDP.
        offer: String,
    },
    /// One more path for sound.
    Candidate {
        /// As in `RTCIceCandidate`.
        candidate: String,
    },
    /// Call.
    Dial {
        /// What was typed.
        number: String,
        /// Through this account only.
        account: Option<String>,
    },
    /// Answer a ringing call.
    Answer {
        /// Which.
        call: String,
    },
    /// Refuse a ringing call.
    Decline {
        /// Which.
        call: String,
    },
    /// End a call.
    Hangup {
        /// Which.
        call: String,
    },
    /// Hold the far end.
    Hold {
        /// Of which call.
        call: String,
    },
    /// Go on.
    Resume {
        /// With which call.
        call: String,
    },
    /// The other line.
    Switch {},
    /// Hand the far end on.
    Transfer {
        /// Of which call.
        call: String,
        /// To a number, or `line`.
        to: String,
    },
    /// Press keys.
    Digits {
        /// In which call.
        call: String,
        /// Which: never to be logged.
        digits: String,
    },
    /// Start or stop to record.
    Record {
        /// Which call.
        call: String,
        /// On or off.
        on: bool,
    },
    /// A sign of life.
    Ping {},
}

impl ClientFrame {
    /// Its type, as the phone wrote it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Hello { .. } => "hello",
            Self::Media { .. } => "media",
            Self::Candidate { .. } => "candidate",
            Self::Dial { .. } => "dial",
            Self::Answer { .. } => "answer",
            Self::Decline { .. } => "decline",
            Self::Hangup { .. } => "hangup",
            Self::Hold { .. } => "hold",
            Self::Resume { .. } => "resume",
            Self::Switch {} => "switch",
            Self::Transfer { .. } => "transfer",
            Self::Digits { .. } => "digits",
            Self::Record { .. } => "record",
            Self::Ping {} => "ping",
        }
    }
}

/// Shows the type only: numbers and digits are nobody's business.
impl std::fmt::Debug for ClientFrame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// From the gateway.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum ServerFrame {
    /// Let in.
    Ready {
        /// The protocol's version.
        version: u32,
        /// Telegram's user id.
        user: i64,
        /// First name.
        name: String,
        /// Unix milliseconds.
        now: i64,
        /// The person's accounts.
        accounts: Vec<AccountFrame>,
        /// For `RTCPeerConnection`.
        ice_servers: Vec<IceServer>,
        /// The calls that there are.
        calls: Vec<CallFrame>,
    },
    /// The person's accounts have changed.
    Accounts {
        /// All of them.
        accounts: Vec<AccountFrame>,
    },
    /// A call is there, or has changed.
    Call(Box<CallFrame>),
    /// Several accounts fit.
    Choose {
        /// What was dialled.
        number: String,
        /// Which fit.
        accounts: Vec<AccountFrame>,
    },
    /// The answer to `media`.
    Media {
        /// SDP.
        answer: String,
    },
    /// Something cannot be done.
    Error {
        /// What.
        of: &'static str,
        /// Of which call.
        #[serde(skip_serializing_if = "Option::is_none")]
        call: Option<String>,
        /// See the protocol's table.
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<u16>,
        /// For people.
        words: String,
    },
    /// The answer to `ping`.
    Pong {},
    /// The gateway closes the socket.
    Bye {
        /// Why.
        reason: ByeReason,
        /// Where to connect.
        #[serde(skip_serializing_if = "Option::is_none")]
        url: Option<String>,
    },
}

/// Why the gateway closes a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ByeReason {
    /// The person is with another process.
    Moved,
    /// The gateway stops.
    Closing,
    /// Another phone has this one's place.
    Replaced,
}

/// An account as phones show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountFrame {
    /// Its number.
    pub number: String,
    /// Its label.
    pub name: String,
    /// Its login.
    pub login: String,
    /// Whether calls reach it.
    pub registered: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

/// A call, whole.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CallFrame {
    /// Its id.
    pub call: String,
    /// 1 or 2.
    pub line: u8,
    /// `in` or `out`.
    pub direction: &'static str,
    /// See the protocol's table.
    pub state: &'static str,
    /// The account's number.
    pub account: String,
    /// The far end's number.
    pub number: String,
    /// The far end's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Unix milliseconds.
    pub since: i64,
    /// Unix milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered: Option<i64>,
    /// The far end holds the person.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub they_hold: bool,
    /// `off`, `on`, `locked` or `failed`.
    pub recording: &'static str,
    /// How well they hear each other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality: Option<QualityFrame>,
    /// SIP code of an ended call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
    /// Words for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// How well the two sides hear each other.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct QualityFrame {
    /// Percent of packets lost.
    pub loss: f32,
    /// Milliseconds.
    pub jitter_ms: u32,
    /// One way, milliseconds.
    pub delay_ms: u32,
    /// 1.0 to 4.5.
    pub mos: f32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_as_the_protocol_writes_them_and_new_fields_are_ignored() {
        let frame: ClientFrame =
            serde_json::from_str(r#"{"type":"dial","number":"600","colour":"red"}"#).expect("a frame");
        assert!(matches!(frame, ClientFrame::Dial { ref number, account: None } if number == "600"));
        let frame: ClientFrame = serde_json::from_str(r#"{"type":"switch"}"#).expect("a frame");
        assert_eq!(frame.name(), "switch");
        let frame = r#"{"type":"candidate","candidate":"","mid":"0"}"#;
        assert!(serde_json::from_str::<ClientFrame>(frame).is_ok());
        assert!(serde_json::from_str::<ClientFrame>(r#"{"type":"nonsense"}"#).is_err());
    }

    #[test]
    fn digits_are_not_shown() {
        let frame: ClientFrame =
            serde_json::from_str(r#"{"type":"digits","call":"x","digits":"4111"}"#).expect("a frame");
        assert_eq!(format!("{frame:?}"), "digits");
    }

    #[test]
    fn frames_are_written_as_the_protocol_says() {
        let bye = ServerFrame::Bye { reason: ByeReason::Moved, url: Some("wss://b/phone/socket".into()) };
        let written = serde_json::to_string(&bye).expect("JSON");
        assert_eq!(written, r#"{"type":"bye","reason":"moved","url":"wss://b/phone/socket"}"#);
        assert_eq!(serde_json::to_string(&ServerFrame::Pong {}).expect("JSON"), r#"{"type":"pong"}"#);
        let call = CallFrame {
            call: "019a".into(),
            line: 1,
            direction: "out",
            state: "calling",
            account: "204811937".into(),
            number: "600".into(),
            name: None,
            since: 1,
            answered: None,
            they_hold: false,
            recording: "off",
            quality: None,
            code: None,
            reason: None,
        };
        assert_eq!(
            serde_json::to_string(&ServerFrame::Call(Box::new(call))).expect("JSON"),
            r#"{"type":"call","call":"019a","line":1,"direction":"out","state":"calling","account":"204811937","number":"600","since":1,"recording":"off"}"#
        );
    }
}
