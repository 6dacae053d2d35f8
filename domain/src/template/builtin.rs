//! The templates that come with Tandem.
//!
//! A field is filled only where the page that `source` names says so; the rest is left to the person and to what most
//! servers take. Where every customer or PBX has a server of its own, none is given and the person types it.
//! To add one, add an entry to [`PROVIDERS`] or [`PBXES`]; operators add theirs in the configuration.

use super::Template;
use crate::settings::Codec::{Alaw, G722, G729, Mulaw};
use crate::settings::DtmfMethod::{Inband, Rfc2833};
use crate::settings::{Codec, Codecs, DialRulesText, DtmfMethod, DtmfMethods, Transport};

/// An entry as it is written here; [`Known::EMPTY`] has what most entries share.
struct Known {
    code: &'static str,
    names: &'static [&'static str],
    domain: Option<&'static str>,
    proxy: Option<&'static str>,
    /// Empty means the usual ones.
    codecs: &'static [Codec],
    /// Empty means the usual ones.
    dtmf: &'static [DtmfMethod],
    source: &'static str,
}

impl Known {
    const EMPTY: Self =
        Self { code: "", names: &[], domain: None, proxy: None, codecs: &[], dtmf: &[], source: "" };
}

/// All of them.
pub(super) fn templates() -> impl Iterator<Item = Template> {
    let pbx = |known| {
        let mut template = template(known);
        template.source.push_str(": a PBX is where its owner has put it, so type its address");
        template
    };
    PROVIDERS.iter().map(template).chain(PBXES.iter().map(pbx))
}

/// # Panics
///
/// An entry of the tables below is not well written; a test reads them all.
fn template(known: &Known) -> Template {
    let host = |text: &str| text.parse().expect("a built-in host is a host");
    Template {
        code: known.code.parse().expect("a built-in code is a code"),
        names: known.names.iter().map(|&name| name.to_owned()).collect(),
        domain: known.domain.map(host),
        proxy: known.proxy.map(host),
        transport: Transport::default(),
        codecs: Codecs::new(known.codecs.iter().copied()).unwrap_or_default(),
        dtmf: DtmfMethods::new(known.dtmf.iter().copied()).unwrap_or_default(),
        rules: DialRulesText::default(),
        source: known.source.to_owned(),
    }
}

const PROVIDERS: &[Known] = &[
    Known {
        code: "beeline",
        names: &["Beeline", "Билайн"],
        source: "https://pastebin.com/fd0vyZE6: the server differs by region, so type yours",
        ..Known::EMPTY
    },
    Known {
        code: "callcentric",
        names: &["Callcentric", "Коллцентрик"],
        domain: Some("callcentric.com"),
        source: "https://github.com/r3gis3r/CSipSimple, account wizard Callcentric (2012): domain callcentric.com",
        ..Known::EMPTY
    },
    Known {
        code: "domru",
        names: &["Dom.ru", "Дом.ру"],
        source: "https://dom.ru: the contract names the server, so type yours",
        ..Known::EMPTY
    },
    Known {
        code: "dusnet",
        names: &["dus.net", "Дус.нет"],
        domain: Some("voip.dus.net"),
        source: "https://github.com/amooma/GS5/wiki/dus.net: domain voip.dus.net",
        ..Known::EMPTY
    },
    Known {
        code: "exolve",
        names: &["MTS Exolve", "Exolve", "МТС Экзолв", "Экзолв"],
        domain: Some("sip.exolve.ru"),
        source: "https://github.com/search?type=code&q=%22sip.exolve.ru%22: several programs register at sip.exolve.ru",
        ..Known::EMPTY
    },
    Known {
        code: "flowroute",
        names: &["Flowroute", "Флоуроут"],
        domain: Some("sip.flowroute.com"),
        source: "https://developer.signalwire.com/freeswitch/FreeSWITCH-Explained/Interoperability/Providers-ITSPs/2883692: proxy sip.flowroute.com, registers (2013)",
        ..Known::EMPTY
    },
    Known {
        code: "iptel",
        names: &["iptel.org", "Иптел"],
        domain: Some("iptel.org"),
        source: "https://github.com/patryksim/Sipml5/wiki/Public_SIP_Servers: realm iptel.org",
        ..Known::EMPTY
    },
    Known {
        code: "mango",
        names: &["Mango Office", "Манго Офис"],
        source: "https://www.mango-office.ru: every customer has a domain like vpbx400000000.mangosip.ru, so type yours",
        ..Known::EMPTY
    },
    Known {
        code: "megafon",
        names: &["MegaFon Virtual PBX", "МегаФон ВАТС"],
        source: "https://megafon.ru: every customer has a domain of its own, so type yours; for a phone number choose MultiFon",
        ..Known::EMPTY
    },
    Known {
        code: "mts",
        names: &["MTS", "МТС"],
        source: "https://mts.ru: the contract names the server, so type yours",
        ..Known::EMPTY
    },
    Known {
        code: "multifon",
        names: &["MultiFon", "Мультифон", "MegaFon MultiFon", "МегаФон Мультифон"],
        domain: Some("multifon.ru"),
        proxy: Some("sbc.megafon.ru"),
        dtmf: &[Inband],
        source: "https://docs.mikopbx.com, provider MegaFon: host sbc.megafon.ru, DTMF inband; http://wiki.yola.ru/multifon:multifon: logins are number@multifon.ru",
        ..Known::EMPTY
    },
    Known {
        code: "novofon",
        names: &["Novofon", "Новофон"],
        domain: Some("sip.novofon.ru"),
        codecs: &[Alaw, Mulaw],
        source: "https://github.com/KoboSteruS/NovoFon_Bot, setup_real_call.md: sip.novofon.ru; Novofon's own Asterisk example, repeated in public code, allows alaw and ulaw",
        ..Known::EMPTY
    },
    Known {
        code: "onlinepbx",
        names: &["OnlinePBX", "ОнлайнПБХ"],
        source: "https://www.onlinepbx.ru: every customer has a domain of its own, so type yours",
        ..Known::EMPTY
    },
    Known {
        code: "plivo",
        names: &["Plivo", "Пливо"],
        source: "https://docs.vapi.ai/advanced/sip/sip-trunk: every trunk has a unique SIP domain, so type yours",
        ..Known::EMPTY
    },
    Known {
        code: "rostelecom",
        names: &["Rostelecom", "Ростелеком"],
        source: "https://rt.ru: every customer has a domain of its own, so type yours",
        ..Known::EMPTY
    },
    Known {
        code: "signalwire",
        names: &["SignalWire", "Сигналвайр"],
        source: "https://developer.signalwire.com/freeswitch/FreeSWITCH-Explained/Interoperability/Providers-ITSPs/20709712: every customer has a domain like example.signalwire.com, so type yours",
        ..Known::EMPTY
    },
    Known {
        code: "sip2sip",
        names: &["SIP2SIP", "Сип2Сип"],
        domain: Some("sip2sip.info"),
        source: "https://github.com/patryksim/Sipml5/wiki/Public_SIP_Servers: realm sip2sip.info",
        ..Known::EMPTY
    },
    Known {
        code: "sipgate",
        names: &["sipgate", "Сипгейт"],
        domain: Some("sipgate.de"),
        codecs: &[G722, Alaw],
        source: "https://gist.github.com/electroniceel/478a0b3c7ae572e01482f9caee491f63: sipgate.de:5060 by UDP only, g722 and alaw",
        ..Known::EMPTY
    },
    Known {
        code: "sipnet",
        names: &["SIPNET", "Сипнет"],
        domain: Some("sipnet.ru"),
        source: "https://gist.github.com/victor-shelepen/465ab0a9f20b32057698a409ec0001cb: proxy sipnet.ru",
        ..Known::EMPTY
    },
    Known {
        code: "telnyx",
        names: &["Telnyx", "Телникс"],
        domain: Some("sip.telnyx.com"),
        source: "https://developers.telnyx.com/docs/voice/sip-trunking/authentication/credential-types/index and https://docs.vapi.ai/advanced/sip/sip-trunk: sip.telnyx.com, user name and password",
        ..Known::EMPTY
    },
    Known {
        code: "telphin",
        names: &["Telphin", "Телфин"],
        source: "https://www.telphin.ru: public pages name different servers, so type the one of your cabinet",
        ..Known::EMPTY
    },
    Known {
        code: "twilio",
        names: &["Twilio", "Твилио"],
        source: "https://www.twilio.com/docs/api/sip-trunking/rest/trunks: every trunk has a domain that ends with pstn.twilio.com, so type yours",
        ..Known::EMPTY
    },
    Known {
        code: "uis",
        names: &["UIS", "ЮИС"],
        domain: Some("voip.uiscom.ru"),
        source: "https://github.com/search?type=code&q=%22voip.uiscom.ru%22: several programs register at voip.uiscom.ru",
        ..Known::EMPTY
    },
    Known {
        code: "voipms",
        names: &["VoIP.ms", "ВоИП.мс"],
        source: "https://github.com/r3gis3r/CSipSimple, account wizard VoipMS (2012): a server for each city, like dallas.voip.ms, so type yours",
        ..Known::EMPTY
    },
    Known {
        code: "vonage",
        names: &["Vonage", "Вонаж"],
        domain: Some("sip.nexmo.com"),
        codecs: &[Mulaw, Alaw, G729],
        dtmf: &[Rfc2833],
        source: "https://developer.vonage.com/en/sip/configure/asterisk-legacy: registers at sip.nexmo.com; ulaw, alaw, g729; rfc2833",
        ..Known::EMPTY
    },
    Known {
        code: "zadarma",
        names: &["Zadarma", "Задарма"],
        domain: Some("sip.zadarma.com"),
        source: "https://www.bolna.ai/docs/api-reference/sip-trunks/create: sip.zadarma.com, port 5060, user name and password",
        ..Known::EMPTY
    },
];

/// A PBX is where its owner has put it: its entry has a name and no server.
const PBXES: &[Known] = &[
    pbx("3cx", &["3CX", "3СХ"], "https://www.3cx.com/docs"),
    pbx("asterisk", &["Asterisk", "Астериск"], "https://docs.asterisk.org"),
    pbx("cisco", &["Cisco", "Циско"], "https://www.cisco.com"),
    pbx("freepbx", &["FreePBX", "ФриПБХ"], "https://www.freepbx.org"),
    pbx("freeswitch", &["FreeSWITCH", "Фрисвитч"], "https://developer.signalwire.com/freeswitch"),
    pbx("fritzbox", &["Fritz!Box", "Фритцбокс"], "https://avm.de"),
    pbx("grandstream", &["Grandstream", "Грандстрим"], "https://www.grandstream.com"),
    pbx("kamailio", &["Kamailio", "Камаилио"], "https://www.kamailio.org"),
    pbx("mikopbx", &["MikoPBX", "МикоПБХ"], "https://docs.mikopbx.com"),
    pbx("panasonic", &["Panasonic", "Панасоник"], "https://www.panasonic.com"),
    pbx("yate", &["Yate", "Яте"], "https://docs.yate.ro"),
    pbx("yeastar", &["Yeastar", "Йистар"], "https://help.yeastar.com"),
];

const fn pbx(code: &'static str, names: &'static [&'static str], source: &'static str) -> Known {
    Known { code, names, source, ..Known::EMPTY }
}
