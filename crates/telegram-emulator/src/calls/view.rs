//! Calls as scripts see them: `GET /sim/users/{id}/telegram`.

use super::{
    Calls,
    call::{Call, Role, Stage},
};
use serde_json::{Value, json};

impl Calls {
    /// A person's privacy, apps and calls. `name` gives the name of the other person.
    pub(crate) fn view(&self, user: i64, name: impl Fn(i64) -> String) -> Value {
        let privacy = self.privacy(user);
        let of_user = |call: &&Call| call.role(user).is_some();
        let entry = |call: &Call| call_view(call, user, &name);
        json!({
            "version": self.version,
            "calls": if privacy.calls { "everybody" } else { "nobody" },
            "p2p": privacy.p2p,
            "apps": self.apps_of(user).len(),
            "going_on": self.calls.values().filter(of_user).map(entry).collect::<Vec<_>>(),
            "ended": self.ended.iter().filter(of_user).map(entry).collect::<Vec<_>>(),
        })
    }
}

fn call_view(call: &Call, user: i64, name: &impl Fn(i64) -> String) -> Value {
    let other = call.other(user);
    let direction = match call.role(user) {
        Some(Role::Caller) => "out",
        Some(Role::Callee) | None => "in",
    };
    let mut out = json!({
        "call": call.id.to_string(), "direction": direction, "with": {"id": other, "name": name(other)},
        "since": call.requested,
    });
    out["state"] = match &call.stage {
        Stage::Requested if call.received.is_some() => "ringing".into(),
        Stage::Requested => "requested".into(),
        Stage::Accepted { .. } => "accepted".into(),
        Stage::Active(active) => {
            out["version"] = active.protocol.library_versions.first().cloned().into();
            out["p2p_allowed"] = active.p2p_allowed.into();
            "active".into()
        }
        Stage::Discarded { reason, duration } => {
            if let Some(reason) = reason {
                out["reason"] = json!(reason);
            }
            if let Some(seconds) = duration {
                out["duration"] = (*seconds).into();
            }
            "ended".into()
        }
    };
    out
}
