//! The methods that clients may call, and what is refused before any of them.

mod account;
mod auth;
mod chats;
mod help;
mod inline;
mod people;
mod phone;
mod state;

use super::{cipher::KeyId, keys::Client, packet};
use crate::{
    calls::{call::Endpoint, refused::Refused},
    telegram::Telegram,
};
use futures::future::BoxFuture;
use grammers_tl_types as tl;
use std::sync::Arc;
use tl::{
    Cursor, Deserializable, Identifiable, RemoteCall, Serializable,
    functions::{self as f, InitConnection, InvokeWithLayer, InvokeWithoutUpdates},
};

/// What becomes of a request.
pub(super) type Outcome = Result<Vec<u8>, Refused>;

/// An outcome that is there, or one to wait for.
pub(super) enum Reply {
    Now(Outcome),
    Later(BoxFuture<'static, Outcome>),
}

/// Whoever calls a method: a connection, with its key.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) telegram: Arc<Telegram>,
    pub(super) key: KeyId,
    pub(super) line: u64,
}

/// Most wrappings around a request: no client has use for more.
const WRAPPINGS: usize = 8;

const UNREGISTERED: Refused = Refused::new(401, "AUTH_KEY_UNREGISTERED");
const NOT_IMPLEMENTED: Refused = Refused::new(400, "METHOD_NOT_IMPLEMENTED");
const NOT_READABLE: Refused = Refused::new(400, "INPUT_METHOD_INVALID");

impl Caller {
    /// Who is signed in.
    ///
    /// # Errors
    ///
    /// 401 where nobody is.
    fn user(&self) -> Result<i64, Refused> {
        self.signed_in().map(|(user, _)| user)
    }

    /// Who is signed in, and the app that has the calls of this key.
    fn signed_in(&self) -> Result<(i64, Endpoint), Refused> {
        self.telegram.keys().user(self.key).ok_or(UNREGISTERED)
    }

    /// Notes what a correct client never does.
    pub(super) fn violation(&self, method: &str, what: &str) {
        let at = self.telegram.look(|_, now| now);
        self.telegram.records().violation(at, None, method, what);
    }
}

/// A request within another, not read yet.
struct Rest(Vec<u8>);

impl Deserializable for Rest {
    fn deserialize(from: &mut Cursor) -> tl::deserialize::Result<Self> {
        let mut rest = Vec::new();
        from.read_to_end(&mut rest)?;
        Ok(Self(rest))
    }
}

/// Takes off what is wrapped around a request: the layer, the client's name, the wish for no updates.
///
/// # Errors
///
/// A wrapping that cannot be read.
pub(super) fn unwrapped(caller: &Caller, mut body: Vec<u8>) -> Result<Vec<u8>, Refused> {
    for _ in 0..WRAPPINGS {
        match inner(caller, &body)? {
            Some(inner) => body = inner,
            None => return Ok(body),
        }
    }
    Err(NOT_READABLE)
}

/// What is inside of one wrapping; none where there is no wrapping.
fn inner(caller: &Caller, body: &[u8]) -> Result<Option<Vec<u8>>, Refused> {
    let read = |_| NOT_READABLE;
    match packet::constructor(body) {
        Some(InvokeWithLayer::<Rest>::CONSTRUCTOR_ID) => {
            let inner = InvokeWithLayer::<Rest>::from_bytes(&body[4..]).map_err(read)?;
            if inner.layer != tl::LAYER {
                caller.violation("invokeWithLayer", "a layer that this Telegram does not speak");
            }
            Ok(Some(inner.query.0))
        }
        Some(InitConnection::<Rest>::CONSTRUCTOR_ID) => {
            let inner = InitConnection::<Rest>::from_bytes(&body[4..]).map_err(read)?;
            let client = Client {
                api_id: inner.api_id,
                device_model: inner.device_model,
                system_version: inner.system_version,
                app_version: inner.app_version,
            };
            if let Some(key) = caller.telegram.keys().keys.get_mut(&caller.key) {
                key.client = client;
            }
            Ok(Some(inner.query.0))
        }
        Some(InvokeWithoutUpdates::<Rest>::CONSTRUCTOR_ID) => {
            let inner = InvokeWithoutUpdates::<Rest>::from_bytes(&body[4..]).map_err(read)?;
            Ok(Some(inner.query.0))
        }
        Some(_) => Ok(None),
        None => Err(NOT_READABLE),
    }
}

/// The name of a request.
pub(super) fn name(body: &[u8]) -> &'static str {
    packet::constructor(body).map_or("", tl::name_for_id)
}

/// Answers a request at once.
fn at_once<R>(caller: &Caller, body: &[u8], method: fn(&Caller, R) -> Result<R::Return, Refused>) -> Reply
where
    R: RemoteCall + Deserializable,
    R::Return: Serializable,
{
    Reply::Now(match R::from_bytes(&body[4..]) {
        Ok(request) => method(caller, request).map(|answer| answer.to_bytes()),
        Err(_) => Err(NOT_READABLE),
    })
}

macro_rules! methods {
    ($caller:ident, $body:ident; $($request:ty => $method:path,)*) => {
        match packet::constructor($body) {
            $(Some(<$request as Identifiable>::CONSTRUCTOR_ID) => at_once::<$request>($caller, $body, $method),)*
            Some(<f::messages::GetInlineBotResults as Identifiable>::CONSTRUCTOR_ID) => {
                inline::ask($caller.clone(), &$body[4..])
            }
            Some(_) | None => {
                $caller.violation(name($body), "a method that this Telegram does not have");
                Reply::Now(Err(NOT_IMPLEMENTED))
            }
        }
    };
}

/// Carries out a request that nothing is wrapped around.
pub(super) fn carry_out(caller: &Caller, body: &[u8]) -> Reply {
    methods! { caller, body;
        f::help::GetConfig => help::config,
        f::help::GetNearestDc => help::nearest_dc,
        f::auth::SendCode => auth::send_code,
        f::auth::SignIn => auth::sign_in,
        f::auth::CheckPassword => auth::check_password,
        f::auth::ExportLoginToken => auth::export_token,
        f::auth::ImportLoginToken => auth::import_token,
        f::auth::LogOut => auth::log_out,
        f::account::GetPassword => account::password,
        f::account::GetAuthorizations => account::authorizations,
        f::account::GetPrivacy => account::privacy,
        f::account::SetPrivacy => account::set_privacy,
        f::account::ChangeAuthorizationSettings => account::change_authorization,
        f::account::UpdateStatus => account::update_status,
        f::users::GetUsers => people::users,
        f::users::GetFullUser => people::full_user,
        f::contacts::ResolveUsername => people::resolve_username,
        f::contacts::ResolvePhone => people::resolve_phone,
        f::updates::GetState => state::state,
        f::updates::GetDifference => state::difference,
        f::messages::GetDhConfig => phone::dh_config,
        f::messages::SendMessage => chats::send,
        f::messages::EditMessage => chats::edit,
        f::messages::DeleteMessages => chats::delete,
        f::messages::SendInlineBotResult => inline::send,
        f::phone::GetCallConfig => phone::config,
        f::phone::RequestCall => phone::request,
        f::phone::ReceivedCall => phone::received,
        f::phone::AcceptCall => phone::accept,
        f::phone::ConfirmCall => phone::confirm,
        f::phone::SendSignalingData => phone::signal,
        f::phone::DiscardCall => phone::discard,
        f::phone::SetCallRating => phone::rate,
        f::phone::SaveCallDebug => phone::debug,
    }
}
