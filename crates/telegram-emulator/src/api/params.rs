//! The parameters of a call, whichever way they came: query, JSON, urlencoded or multipart.

use crate::{
    error::{self, ApiError},
    text::{Entity, Formatted, html},
    world::{
        files::Upload,
        markup::{self, Inline, Markup},
        message::FileKind,
    },
};
use axum::{
    extract::{FromRequest, Multipart, Request},
    http::header::CONTENT_TYPE,
};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Parameters by name, and files by the name of their part.
#[derive(Debug, Default)]
pub(crate) struct Params {
    values: Map<String, Value>,
    files: BTreeMap<String, Upload>,
}

impl Params {
    pub(crate) fn from_map(values: Map<String, Value>) -> Self {
        Self { values, files: BTreeMap::new() }
    }

    /// Reads a request: the query, and the body over it.
    ///
    /// # Errors
    ///
    /// A body that cannot be read as what it says it is.
    pub(crate) async fn read(request: Request) -> Result<Self, ApiError> {
        let mut params = Self::default();
        params.add_encoded(request.uri().query().unwrap_or_default().as_bytes());
        let kind =
            request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if kind.starts_with("multipart/form-data") {
            params.add_multipart(request).await?;
            return Ok(params);
        }
        let json = kind.starts_with("application/json");
        let body = bytes::Bytes::from_request(request, &()).await.map_err(|_| error::ENTITY_TOO_LARGE)?;
        if !json {
            params.add_encoded(&body);
        } else if !body.is_empty() {
            let Ok(Value::Object(values)) = serde_json::from_slice(&body) else {
                return Err(ApiError::new(400, "Bad Request: can't parse the request as a JSON object"));
            };
            // Client libraries send null for what is not set.
            params.values.extend(values.into_iter().filter(|(_, value)| !value.is_null()));
        }
        Ok(params)
    }

    fn add_encoded(&mut self, text: &[u8]) {
        let pairs = form_pairs(text);
        self.values.extend(pairs.into_iter().map(|(name, value)| (name, Value::String(value))));
    }

    async fn add_multipart(&mut self, request: Request) -> Result<(), ApiError> {
        let bad = || ApiError::new(400, "Bad Request: can't parse the multipart body");
        let mut parts = Multipart::from_request(request, &()).await.map_err(|_| bad())?;
        while let Some(part) = parts.next_field().await.map_err(|_| bad())? {
            let name = part.name().unwrap_or_default().to_owned();
            let file = part.file_name().map(str::to_owned);
            let mime = part.content_type().map(str::to_owned);
            let bytes = part.bytes().await.map_err(|_| error::ENTITY_TOO_LARGE)?;
            if let Some(file) = file {
                self.files.insert(name, Upload { name: file, mime, bytes: bytes.to_vec(), duration: 0 });
            } else {
                self.values.insert(name, Value::String(String::from_utf8_lossy(&bytes).into_owned()));
            }
        }
        Ok(())
    }

    /// The parameters as they are recorded: files only by name and size.
    pub(crate) fn recorded(&self) -> Value {
        let mut out = self.values.clone();
        for value in out.values_mut() {
            // Nested values come as text in forms; scripts read them alike.
            let nested = value.as_str().filter(|text| text.starts_with(['{', '[']));
            if let Some(parsed) = nested.and_then(|text| serde_json::from_str(text).ok()) {
                *value = parsed;
            }
        }
        for (name, file) in &self.files {
            out.insert(name.clone(), format!("<{}, {} bytes>", file.name, file.bytes.len()).into());
        }
        Value::Object(out)
    }

    /// The names of the parameters given.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name).and_then(Value::as_str)
    }

    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        let value = self.values.get(name)?;
        value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
    }

    /// As `Client.cpp`, `to_bool`: true, yes and 1, in any case.
    pub(crate) fn flag(&self, name: &str) -> bool {
        match self.values.get(name) {
            Some(Value::Bool(value)) => *value,
            Some(Value::Number(number)) => number.as_i64() == Some(1),
            Some(Value::String(text)) => {
                matches!(text.trim().to_lowercase().as_str(), "true" | "yes" | "1")
            }
            Some(Value::Null | Value::Array(_) | Value::Object(_)) | None => false,
        }
    }

    /// A nested value, given as JSON or as text that holds JSON.
    ///
    /// # Errors
    ///
    /// Text that is not JSON.
    pub(crate) fn json(&self, name: &str) -> Result<Option<Value>, ApiError> {
        match self.values.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text)
                .map(Some)
                .map_err(|_| ApiError::new(400, format!("Bad Request: can't parse {name} JSON object"))),
            Some(other) => Ok(Some(other.clone())),
        }
    }

    /// `chat_id` or the like. A user name can only be a channel's or a group's, of which there are none.
    ///
    /// # Errors
    ///
    /// An id that is missing or not a number.
    pub(crate) fn chat(&self, name: &str) -> Result<i64, ApiError> {
        match self.values.get(name) {
            None => Err(error::CHAT_ID_EMPTY),
            Some(_) => self.int(name).ok_or(error::CHAT_NOT_FOUND),
        }
    }

    /// A text with its parse mode and entities.
    ///
    /// # Errors
    ///
    /// As Telegram's parser.
    pub(crate) fn formatted(&self, text: &str, entities: &str) -> Result<Formatted, ApiError> {
        let given = self.json(entities)?;
        let given: Option<Vec<Entity>> = given
            .map(serde_json::from_value)
            .transpose()
            .map_err(|_| ApiError::entities("expected an Array of MessageEntity"))?;
        html::formatted(self.text(text).unwrap_or_default(), self.text("parse_mode"), given)
    }

    /// `reply_markup`.
    ///
    /// # Errors
    ///
    /// As Telegram's parser.
    pub(crate) fn markup(&self) -> Result<Option<Markup>, ApiError> {
        let markup = self.json("reply_markup").map_err(|_| error::MARKUP_JSON)?;
        markup.map_or(Ok(None), |markup| markup::read(&markup))
    }

    /// `reply_markup` of an edit, which can only be buttons under the message.
    ///
    /// # Errors
    ///
    /// As Telegram's parser; another kind of markup.
    pub(crate) fn inline(&self) -> Result<Option<Inline>, ApiError> {
        match self.markup()? {
            None => Ok(None),
            Some(Markup::Inline(inline)) => Ok(Some(inline)),
            Some(Markup::Keyboard(_) | Markup::Remove | Markup::ForceReply { .. }) => {
                Err(ApiError::new(400, "Bad Request: inline keyboard expected"))
            }
        }
    }

    /// The file of a sending method: an upload under the method's name, `attach://part`, or the id of a known file.
    ///
    /// # Errors
    ///
    /// No file at all; an address, which would have to be fetched.
    pub(crate) fn file(&self, kind: FileKind) -> Result<Given<'_>, ApiError> {
        let name = kind.name();
        if let Some(upload) = self.files.get(name) {
            return Ok(Given::Upload(upload));
        }
        let text = self.text(name).filter(|text| !text.is_empty());
        let text = text
            .ok_or_else(|| ApiError::new(400, format!("Bad Request: there is no {name} in the request")))?;
        if let Some(part) = text.strip_prefix("attach://") {
            return self.files.get(part).map(Given::Upload).ok_or(error::FILE_IDENTIFIER);
        }
        if text.contains("://") {
            return Err(ApiError::not_emulated("files given by their address"));
        }
        Ok(Given::Known(text))
    }
}

/// A file as a bot gives it.
#[derive(Debug)]
pub(crate) enum Given<'a> {
    Upload(&'a Upload),
    Known(&'a str),
}

/// `a=b&c=d`, decoded.
fn form_pairs(text: &[u8]) -> Vec<(String, String)> {
    let decode = |part: &[u8]| {
        let mut out = Vec::with_capacity(part.len());
        let mut at = 0;
        while let Some(byte) = part.get(at) {
            let hex = part.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
            let escaped = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
            match (byte, escaped) {
                (b'%', Some(decoded)) => {
                    out.push(decoded);
                    at += 2;
                }
                (b'+', _) => out.push(b' '),
                (other, _) => out.push(*other),
            }
            at += 1;
        }
        String::from_utf8_lossy(&out).into_owned()
    };
    let pairs = text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let split = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            (decode(&pair[..split]), decode(pair.get(split + 1..).unwrap_or_default()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_decoded() {
        let pairs = form_pairs("a=1+2&text=%D1%8F%26&c".as_bytes());
        let wanted = [("a", "1 2"), ("text", "я&"), ("c", "")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(pairs, wanted);
    }

    #[test]
    fn a_number_may_come_as_text() {
        let mut params = Params::default();
        params.add_encoded(b"chat_id=42&flag=True&markup={\"a\":1}");
        assert_eq!((params.chat("chat_id"), params.flag("flag")), (Ok(42), true));
        assert_eq!(params.json("markup"), Ok(Some(serde_json::json!({"a": 1}))));
        assert_eq!(params.chat("other"), Err(error::CHAT_ID_EMPTY));
    }
}
