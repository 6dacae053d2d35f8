//! Settings that are a list in order of priority: codecs and DTMF methods.

use super::BadSetting;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

macro_rules! ordered_list {
    ($(#[$doc:meta])* $list:ident of $(#[$item_doc:meta])* $item:ident { $($(#[$variant_doc:meta])* $variant:ident = $name:literal $(| $alias:literal)*),+ $(,)? } default [$($default:ident),+] else $unknown:ident) => {
        $(#[$item_doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $item { $($(#[$variant_doc])* $variant),+ }

        impl $item {
            /// All of them, in the order in which pickers show them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name as people type it and providers print it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }

        impl fmt::Display for $item {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }

        impl FromStr for $item {
            type Err = BadSetting;

            fn from_str(text: &str) -> Result<Self, BadSetting> {
                match text.trim().to_lowercase().as_str() {
                    $($name $(| $alias)* => Ok(Self::$variant),)+
                    _ => Err(BadSetting::$unknown(text.trim().to_owned())),
                }
            }
        }

        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $list(Vec<$item>);

        impl $list {
            /// These entries in this order.
            ///
            /// # Errors
            ///
            /// The list is empty or names an entry twice.
            pub fn new(items: impl IntoIterator<Item = $item>) -> Result<Self, BadSetting> {
                let mut list = Vec::new();
                for item in items {
                    if list.contains(&item) {
                        return Err(BadSetting::Twice(item.to_string()));
                    }
                    list.push(item);
                }
                if list.is_empty() { Err(BadSetting::Empty) } else { Ok(Self(list)) }
            }

            /// The entries, the wanted ones first.
            #[must_use]
            pub fn as_slice(&self) -> &[$item] {
                &self.0
            }
        }

        impl Default for $list {
            fn default() -> Self {
                Self(vec![$($item::$default),+])
            }
        }

        impl FromStr for $list {
            type Err = BadSetting;

            fn from_str(text: &str) -> Result<Self, BadSetting> {
                let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
                Self::new(names.map(str::parse).collect::<Result<Vec<_>, _>>()?)
            }
        }

        impl TryFrom<String> for $list {
            type Error = BadSetting;

            fn try_from(text: String) -> Result<Self, BadSetting> {
                text.parse()
            }
        }

        impl From<$list> for String {
            fn from(list: $list) -> String {
                list.to_string()
            }
        }

        impl fmt::Display for $list {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let names: Vec<&str> = self.0.iter().map(|item| item.name()).collect();
                f.write_str(&names.join(","))
            }
        }
    };
}

ordered_list!(
    /// Audio codecs in order of priority: the order of the SDP offer. Written `opus,g722,alaw,mulaw`.
    Codecs of
    /// An audio codec.
    Codec {
        /// Opus, 48 kHz (RFC 6716).
        Opus = "opus",
        /// G.722, 16 kHz.
        G722 = "g722" | "g722/16000" | "g722/8000",
        /// G.711 A-law.
        Alaw = "alaw" | "pcma",
        /// G.711 µ-law.
        Mulaw = "mulaw" | "ulaw" | "pcmu",
        /// G.729.
        G729 = "g729",
        /// GSM 06.10 full rate.
        Gsm = "gsm",
    } default [Opus, G722, Alaw, Mulaw] else UnknownCodec
);

ordered_list!(
    /// DTMF methods in the order in which they are tried. Written `rfc2833,info`.
    DtmfMethods of
    /// A way to send a pressed key.
    DtmfMethod {
        /// Telephone events in RTP (RFC 4733, once RFC 2833).
        Rfc2833 = "rfc2833" | "rfc4733",
        /// SIP INFO.
        Info = "info",
        /// Tones in the sound.
        Inband = "inband",
    } default [Rfc2833, Info] else UnknownDtmf
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_typed_in_any_case_with_blanks_and_by_other_names() {
        let codecs: Codecs = "OPUS, g722/16000 ,PCMA,ulaw,".parse().expect("codecs");
        assert_eq!(codecs.to_string(), "opus,g722,alaw,mulaw");
        assert_eq!(codecs, Codecs::default());
        let dtmf: DtmfMethods = "rfc4733,INFO".parse().expect("methods");
        assert_eq!(dtmf, DtmfMethods::default());
    }

    #[test]
    fn the_order_is_kept() {
        let codecs: Codecs = "mulaw,opus".parse().expect("codecs");
        assert_eq!(codecs.as_slice(), [Codec::Mulaw, Codec::Opus]);
    }

    #[test]
    fn an_empty_list_a_double_and_a_stranger_are_refused() {
        assert_eq!("".parse::<Codecs>(), Err(BadSetting::Empty));
        assert_eq!("alaw,pcma".parse::<Codecs>(), Err(BadSetting::Twice("alaw".into())));
        assert_eq!("alaw,mp3".parse::<Codecs>(), Err(BadSetting::UnknownCodec("mp3".into())));
        assert_eq!("smoke".parse::<DtmfMethods>(), Err(BadSetting::UnknownDtmf("smoke".into())));
    }

    #[test]
    fn every_name_is_read_back() {
        for codec in Codec::ALL {
            assert_eq!(codec.name().parse(), Ok(*codec));
        }
        for method in DtmfMethod::ALL {
            assert_eq!(method.name().parse(), Ok(*method));
        }
    }
}
