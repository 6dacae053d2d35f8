//! The grammar of a shared line, word by word.

use super::{Hint, Server, Share, Understood};
use crate::password::Password;
use crate::settings::{BadSetting, Codec, Codecs, DialRulesText, DtmfMethod, DtmfMethods, HostPort, Login};
use crate::template::{Catalogue, Template};
use std::net::Ipv4Addr;

/// The longest line, in characters. An inline query of Telegram ends at 256; a line may come by other ways too.
pub const MAX_TEXT: usize = 1000;

/// Understands a typed line. Every text gives shares or one hint.
#[must_use]
pub fn parse(typed: &str, catalogue: &Catalogue) -> Understood {
    match shares(typed, catalogue) {
        Ok(shares) => Understood::Shares(shares),
        Err(hint) => Understood::Hint(hint),
    }
}

fn shares(typed: &str, catalogue: &Catalogue) -> Result<Vec<Share>, Hint> {
    if typed.chars().nth(MAX_TEXT).is_some() {
        return Err(Hint::TooLong { max: MAX_TEXT });
    }
    let mut words = typed.split_whitespace().peekable();
    let login: Login = words.next().ok_or(Hint::NothingTyped)?.parse().map_err(Hint::BadLogin)?;
    let password: Password = words.next().ok_or(Hint::PasswordMissing)?.parse().map_err(Hint::BadPassword)?;
    let third = words.next().ok_or(Hint::ServerMissing)?;
    let next_host = words.next_if(|word| is_host(word));
    let servers = servers(third, next_host, catalogue)?;
    let rest = Rest::of(words)?;
    let share = |server| Share {
        login: login.clone(),
        password: password.clone(),
        server,
        codecs: rest.codecs.clone(),
        dtmf: rest.dtmf.clone(),
        rules: rest.rules.clone(),
    };
    Ok(servers.into_iter().map(share).collect())
}

/// Where the account may be: at least one server.
fn servers(third: &str, next: Option<&str>, catalogue: &Catalogue) -> Result<Vec<Server>, Hint> {
    let found = catalogue.search(third);
    if found.is_empty() {
        let registrar = registrar(third)?;
        let domain =
            next.map(|next| host(next, Hint::NoSuchTemplate { typed: next.to_owned() })).transpose()?;
        return Ok(vec![Server::Typed { registrar, domain }]);
    }
    let fitting = found.iter().filter(|template| template.needs_server() == next.is_some());
    let server =
        next.map(|next| host(next, Hint::DomainNeedsRegistrar { typed: next.to_owned() })).transpose()?;
    let servers: Vec<_> = fitting
        .map(|template| Server::Template { code: template.code.clone(), server: server.clone() })
        .collect();
    match (servers.is_empty(), next) {
        (false, _) => Ok(servers),
        (true, Some(next)) => Err(Hint::DomainNeedsRegistrar { typed: next.to_owned() }),
        (true, None) => Err(needs_server(&found)),
    }
}

fn needs_server(found: &[&Template]) -> Hint {
    found.first().map_or(Hint::ServerMissing, |template| Hint::TemplateNeedsServer {
        template: template.code.clone(),
        name: template.name().to_owned(),
    })
}

fn registrar(typed: &str) -> Result<HostPort, Hint> {
    match typed.parse() {
        Ok(host) if is_host(typed) => Ok(host),
        Err(why) if typed.contains(['.', ':', '[']) => Err(Hint::BadServer { typed: typed.to_owned(), why }),
        Ok(_) if typed.contains('.') => {
            Err(Hint::BadServer { typed: typed.to_owned(), why: BadSetting::NotAHost(typed.to_owned()) })
        }
        Ok(_) | Err(_) => Err(Hint::NoSuchTemplate { typed: typed.to_owned() }),
    }
}

fn host(typed: &str, otherwise: Hint) -> Result<HostPort, Hint> {
    typed.parse().map_err(|_| otherwise)
}

/// Whether a word is meant as a server: an address, `localhost`, a name with a dot, or anything with a port.
/// `7.9` is none: it is more likely a rule.
pub(super) fn is_host(word: &str) -> bool {
    if word.parse::<HostPort>().is_err() {
        return false;
    }
    let (name, port) = match word.split_once(':') {
        _ if word.starts_with('[') => return true,
        Some((name, port)) => (name, Some(port)),
        None => (word, None),
    };
    let last_label = name.rsplit('.').next().unwrap_or_default();
    let has_letters = last_label.chars().any(char::is_alphabetic);
    name.parse::<Ipv4Addr>().is_ok()
        || name.eq_ignore_ascii_case("localhost")
        || (has_letters && (name.contains('.') || port.is_some()))
}

/// What may follow the server: codecs, DTMF methods, and then rules.
#[derive(Default)]
struct Rest {
    codecs: Option<Codecs>,
    dtmf: Option<DtmfMethods>,
    rules: DialRulesText,
}

impl Rest {
    fn of<'a>(words: impl Iterator<Item = &'a str>) -> Result<Self, Hint> {
        let mut rest = Self::default();
        let mut rules: Vec<String> = Vec::new();
        let mut words = words.peekable();
        while let Some(word) = words.next() {
            let mut word = word.to_owned();
            // People put a blank after a comma: `opus, alaw`.
            while word.ends_with(',')
                && names(&word) != Names::Others
                && let Some(next) = words.next()
            {
                word.push_str(next);
            }
            match names(&word) {
                Names::Others => rules.push(word),
                Names::Codecs | Names::Dtmf if !rules.is_empty() => {
                    return Err(Hint::RulesComeLast { typed: word });
                }
                Names::Codecs if rest.codecs.is_some() => return Err(Hint::CodecsTwice),
                Names::Dtmf if rest.dtmf.is_some() => return Err(Hint::DtmfTwice),
                Names::Codecs => rest.codecs = Some(word.parse().map_err(Hint::BadCodecs)?),
                Names::Dtmf => rest.dtmf = Some(word.parse().map_err(Hint::BadDtmf)?),
            }
        }
        rest.rules = rules.join(" ").parse().map_err(bad_rules)?;
        Ok(rest)
    }
}

fn bad_rules(bad: BadSetting) -> Hint {
    if let BadSetting::BadRule { rule, why } = bad {
        Hint::BadRule { rule, why }
    } else {
        Hint::BadRules(bad)
    }
}

/// What the first name of a comma list is of. A list that begins as one of codecs is meant as one,
/// so that a misspelt codec is not taken for a rule.
#[derive(PartialEq, Eq)]
enum Names {
    Codecs,
    Dtmf,
    Others,
}

fn names(word: &str) -> Names {
    let first = word.split(',').find(|name| !name.is_empty()).unwrap_or_default();
    if first.parse::<Codec>().is_ok() {
        Names::Codecs
    } else if first.parse::<DtmfMethod>().is_ok() {
        Names::Dtmf
    } else {
        Names::Others
    }
}
