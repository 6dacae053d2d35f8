//! An account's settings as the user agent wants them.

use crate::directory::Line;
use domain::settings::Transport;
use secrecy::SecretString;

/// The account for the user agent; none where a login or a server is missing.
pub(super) fn account(line: &Line, password: SecretString) -> Option<sip::Account> {
    let settings = &line.settings;
    let login = settings.login.as_ref()?;
    let domain = settings.domain.as_ref().or(settings.proxy.as_ref())?;
    let proxy = settings.proxy.as_ref().filter(|proxy| *proxy != domain);
    Some(sip::Account {
        proxy: proxy.map(ToString::to_string),
        transport: match settings.transport {
            Transport::Udp => sip::Transport::Udp,
            Transport::Tcp => sip::Transport::Tcp,
            Transport::Tls => sip::Transport::Tls,
        },
        ..sip::Account::new(login.as_str(), password, domain.as_str())
    })
}
