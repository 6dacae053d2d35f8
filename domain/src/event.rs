//! Any event of any aggregate, as the log gives it back.

use crate::{person, sip_account};

/// Any event of any aggregate. The category of its stream says which kind it is.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Something happened to a SIP account.
    SipAccount(sip_account::Event),
    /// Something happened to a person.
    Person(person::Event),
}
