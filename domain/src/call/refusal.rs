//! Why a command on a call was refused.

/// Why a command was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such call.
    #[error("there is no such call")]
    NoSuchCall,
    /// A call begins once; this id is another one's.
    #[error("the id is taken by another call")]
    IdTaken,
    /// The call is over.
    #[error("the call is over")]
    Over,
    /// Only who talks may.
    #[error("the call is not yours")]
    NotYours,
    /// Only a gateway may.
    #[error("only a gateway may do this")]
    NotAGateway,
    /// Another gateway carries the call.
    #[error("another gateway carries the call")]
    TakenByAnother,
    /// A gateway carries the call: it is told by a signal.
    #[error("a gateway carries the call and has to be told")]
    Carried,
    /// No gateway carries the call yet.
    #[error("no gateway carries the call yet")]
    NotTaken,
    /// They do not talk.
    #[error("nobody talks in this call")]
    NotTalking,
    /// The call comes in; nobody is to be dialled.
    #[error("the call comes in")]
    Incoming,
    /// The owner set that it is recorded.
    #[error("the recording is locked")]
    RecordingLocked,
    /// The last recording is still being saved.
    #[error("the last recording is being saved")]
    StillSaving,
    /// There is no recording to save.
    #[error("nothing is recorded")]
    NotRecording,
}
