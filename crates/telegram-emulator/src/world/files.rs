//! Files: what was uploaded, by its id.

use super::{World, message::FileKind};
use crate::error::{self, ApiError};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// An uploaded file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredFile {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) mime: String,
    /// Seconds, of a sound.
    pub(crate) duration: i64,
    /// Pixels, of a picture.
    pub(crate) size: (u32, u32),
    #[serde(with = "as_base64")]
    pub(crate) bytes: Vec<u8>,
}

/// A file on its way in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Upload {
    pub(crate) name: String,
    pub(crate) mime: Option<String>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) duration: i64,
}

impl World {
    /// Keeps a file and gives its id.
    ///
    /// # Errors
    ///
    /// An empty or too large file, or a picture that is none.
    pub(crate) fn store(&mut self, kind: FileKind, upload: Upload) -> Result<String, ApiError> {
        if upload.bytes.is_empty() {
            return Err(error::FILE_EMPTY);
        }
        if upload.bytes.len() > crate::limits::UPLOAD {
            return Err(error::ENTITY_TOO_LARGE);
        }
        let size = match kind {
            FileKind::Photo => picture_size(&upload.bytes).ok_or(error::IMAGE)?,
            FileKind::Document | FileKind::Audio | FileKind::Voice => (0, 0),
        };
        let id = format!("F{}", self.next_id());
        let mime = upload.mime.clone().unwrap_or_else(|| mime_of(&upload.name, kind).to_owned());
        let Upload { name, bytes, duration, .. } = upload;
        self.files.insert(id.clone(), StoredFile { id: id.clone(), name, mime, duration, size, bytes });
        Ok(id)
    }

    /// Bot API `Document`, `Audio`, `Voice`, or the array of `PhotoSize`.
    pub(crate) fn file_json(&self, kind: FileKind, id: &str) -> Value {
        let Some(file) = self.files.get(&id.to_owned()) else { return Value::Null };
        let mut out =
            json!({"file_id": id, "file_unique_id": format!("U{id}"), "file_size": file.bytes.len()});
        match kind {
            FileKind::Document => {
                out["file_name"] = file.name.clone().into();
                out["mime_type"] = file.mime.clone().into();
            }
            FileKind::Audio => {
                out["file_name"] = file.name.clone().into();
                out["mime_type"] = file.mime.clone().into();
                out["duration"] = file.duration.into();
            }
            FileKind::Voice => {
                out["mime_type"] = file.mime.clone().into();
                out["duration"] = file.duration.into();
            }
            FileKind::Photo => {
                out["width"] = file.size.0.into();
                out["height"] = file.size.1.into();
                return json!([out]);
            }
        }
        out
    }

    /// Bot API `File`, with the path under `/file/bot<token>/`.
    pub(crate) fn file_for_bot(&self, id: &str) -> Result<Value, ApiError> {
        let file = self.files.get(&id.to_owned()).ok_or(error::FILE_ID)?;
        if file.bytes.len() > crate::limits::DOWNLOAD {
            return Err(ApiError::new(400, "Bad Request: file is too big"));
        }
        Ok(json!({
            "file_id": id, "file_unique_id": format!("U{id}"), "file_size": file.bytes.len(),
            "file_path": format!("documents/{id}"),
        }))
    }
}

fn mime_of(name: &str, kind: FileKind) -> &'static str {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_lowercase()).unwrap_or_default();
    match (extension.as_str(), kind) {
        ("csv", _) => "text/csv",
        ("txt" | "log", _) => "text/plain",
        ("json", _) => "application/json",
        ("pdf", _) => "application/pdf",
        ("png", _) => "image/png",
        ("jpg" | "jpeg", _) | (_, FileKind::Photo) => "image/jpeg",
        ("mp3", _) | (_, FileKind::Audio) => "audio/mpeg",
        ("ogg" | "oga" | "opus", _) | (_, FileKind::Voice) => "audio/ogg",
        (_, FileKind::Document) => "application/octet-stream",
    }
}

/// Width and height of a PNG or JPEG.
fn picture_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let two = |at: usize| Some(u32::from(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?)));
    let four = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some((four(16)?, four(20)?));
    }
    if !bytes.starts_with(&[0xff, 0xd8]) {
        return None;
    }
    let mut at = 2;
    while *bytes.get(at)? == 0xff {
        let marker = *bytes.get(at + 1)?;
        let frame = (0xc0..=0xcf).contains(&marker) && ![0xc4, 0xc8, 0xcc].contains(&marker);
        if frame {
            return Some((two(at + 7)?, two(at + 5)?));
        }
        at += 2 + two(at + 2)? as usize;
    }
    None
}

/// Bytes as base64 in the journal.
mod as_base64 {
    use super::{BASE64_STANDARD, Engine};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&BASE64_STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        BASE64_STANDARD.decode(String::deserialize(from)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_of_a_picture_is_read_from_it() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x03";
        assert_eq!(picture_size(png), Some((2, 3)));
        let jpeg = [0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 11, 8, 0, 5, 0, 7];
        assert_eq!(picture_size(&jpeg), Some((7, 5)));
        assert_eq!(picture_size(b"not a picture"), None);
    }
}
