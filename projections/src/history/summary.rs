//! How an account stands, or stood, in a few lines.

use super::{Names, minute};
use domain::settings::Settings;
use domain::sip_account::{Grant, Holder, Offer, Owned, Registration, SipAccount};

/// What there is to say of an account, as pairs of a name and a value, in the order in which people ask. Never a secret.
#[must_use]
pub fn summary(account: &SipAccount, names: &dyn Names) -> Vec<(&'static str, String)> {
    match account {
        SipAccount::Absent => vec![("state", "nothing has happened yet".to_owned())],
        SipAccount::Deleted(_) => vec![("state", "gone".to_owned())],
        SipAccount::Offered(shared) => {
            let grant = match shared.grant {
                Grant::Give => "shared; whoever takes it owns it",
                Grant::Assign => "shared; whoever takes it uses it",
            };
            let mut lines = vec![("state", grant.to_owned())];
            lines.extend(settings(&shared.settings));
            lines.extend(account.offers().map(|it| open(it, names)));
            lines
        }
        SipAccount::Owned(owned) => {
            let mut lines = ownership(owned, names);
            lines.extend(settings(&owned.settings.current));
            lines.extend(standing(owned));
            lines.extend(account.offers().map(|it| open(it, names)));
            lines
        }
    }
}

fn ownership(owned: &Owned, names: &dyn Names) -> Vec<(&'static str, String)> {
    let mut lines = vec![("owner", names.show(owned.ownership.owner()))];
    lines.push(match owned.ownership.holder() {
        Holder::Owner => ("user", "the owner".to_owned()),
        Holder::Assigned { to } => ("user", names.show(to)),
        Holder::Lent { to, until } => ("user", format!("{}, until {}", names.show(to), minute(until))),
    });
    let former: Vec<String> = owned.ownership.former_owners().map(|id| names.show(id)).collect();
    if !former.is_empty() {
        lines.push(("former owners", former.join(", ")));
    }
    lines
}

fn settings(settings: &Settings) -> Vec<(&'static str, String)> {
    let none = || "none".to_owned();
    let shown = |value: Option<&dyn ToString>| value.map_or_else(none, |value| value.to_string());
    let mut lines = vec![
        ("name", shown(settings.name.as_ref().map(|it| it as _))),
        ("login", shown(settings.login.as_ref().map(|it| it as _))),
        ("password", if settings.password.is_some() { "set".to_owned() } else { none() }),
        ("domain", shown(settings.domain.as_ref().map(|it| it as _))),
        ("proxy", shown(settings.proxy.as_ref().map(|it| it as _))),
    ];
    if let Some(template) = &settings.template {
        lines.push(("template", template.to_string()));
    }
    lines.push(("transport", settings.transport.to_string()));
    lines.push(("codecs", settings.codecs.to_string()));
    lines.push(("DTMF", settings.dtmf.to_string()));
    lines.push(("dial rules", if settings.rules.is_empty() { none() } else { settings.rules.to_string() }));
    lines.push(("recording", if settings.recording.automatic { "on" } else { "off" }.to_owned()));
    lines
}

fn standing(owned: &Owned) -> Vec<(&'static str, String)> {
    let acts = match owned.settings.applied_revision() {
        Some(applied) if applied == owned.settings.revision => {
            format!("revision {}, all of it acts", applied.0)
        }
        Some(applied) => format!("revision {}; revision {} acts", owned.settings.revision.0, applied.0),
        None => format!("revision {}; nothing acts yet", owned.settings.revision.0),
    };
    let registration = match &owned.registration {
        Registration::Unknown => "unknown".to_owned(),
        Registration::Registered { revision } => format!("registered with revision {}", revision.0),
        Registration::Failed { revision, code, reason } => {
            format!("failed with revision {}: {code} {reason}", revision.0)
        }
    };
    vec![
        ("switched", if owned.settings.on { "on" } else { "off" }.to_owned()),
        ("settings", acts),
        ("registration", registration),
    ]
}

fn open(offer: &Offer, names: &dyn Names) -> (&'static str, String) {
    let to = offer.to.map_or_else(|| "whoever presses Take first".to_owned(), |id| names.show(id));
    let what = crate::rows::word(&offer.kind).replace('_', "-");
    ("open offer", format!("{what}, by {}, to {to}, until {}", names.show(offer.by), minute(offer.until)))
}
