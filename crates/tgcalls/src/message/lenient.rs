//! Numbers that come as numbers or as text, signed or not, and texts that come as numbers.

use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;

/// A number as some client writes it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Loose {
    Number(i64),
    Text(String),
}

impl Loose {
    /// The 32 bits that are meant. Some clients write them as a signed number.
    fn bits<E: serde::de::Error>(self) -> Result<u32, E> {
        let wide = match self {
            Self::Number(number) => number,
            Self::Text(text) => text.trim().parse().map_err(E::custom)?,
        };
        u32::try_from(wide)
            .or_else(|_| i32::try_from(wide).map(i32::cast_unsigned))
            .map_err(|_| E::custom(format!("{wide} does not fit into 32 bits")))
    }
}

/// A small number, such as a payload type or a clock rate: written as a number.
pub(super) mod number {
    use super::Loose;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(number: &u32, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u32(*number)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
        Loose::deserialize(from)?.bits()
    }
}

/// A random identifier of 32 bits: written as text, since some clients read numbers as signed.
pub(super) mod id {
    use super::Loose;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(number: &u32, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(number)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
        Loose::deserialize(from)?.bits()
    }
}

/// A list of numbers, written as text.
pub(super) mod numbers {
    use super::Loose;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(numbers: &[u32], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(numbers.iter().map(u32::to_string))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u32>, D::Error> {
        Vec::<Loose>::deserialize(from)?.into_iter().map(Loose::bits).collect()
    }
}

/// Parameters whose values may be numbers.
pub(super) fn texts<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, String>, D::Error> {
    let loose = BTreeMap::<String, serde_json::Value>::deserialize(from)?;
    let text = |value: serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Ok(loose.into_iter().map(|(name, value)| (name, text(value))).collect())
}
