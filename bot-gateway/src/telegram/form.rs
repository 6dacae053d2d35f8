//! Files on their way to the Bot API: `multipart/form-data` (RFC 7578).

/// A form in the making.
pub(crate) struct Form {
    boundary: String,
    body: Vec<u8>,
}

impl Form {
    /// An empty form whose boundary does not stand in this file.
    pub(crate) fn new(file: &[u8]) -> Self {
        let fits = |boundary: &String| !file.windows(boundary.len()).any(|part| part == boundary.as_bytes());
        let boundary = (0_u32..).map(|n| format!("----tandem-{n:08}")).find(fits).unwrap_or_default();
        Self { boundary, body: Vec::with_capacity(file.len() + 1024) }
    }

    /// One more field with a text.
    pub(crate) fn text(self, name: &str, value: &str) -> Self {
        self.part(&format!("name=\"{name}\""), None, value.as_bytes())
    }

    /// One more field with a file.
    pub(crate) fn file(self, name: &str, file_name: &str, content_type: &str, content: &[u8]) -> Self {
        self.part(&format!("name=\"{name}\"; filename=\"{file_name}\""), Some(content_type), content)
    }

    fn part(mut self, disposition: &str, content_type: Option<&str>, content: &[u8]) -> Self {
        let head = format!("--{}\r\nContent-Disposition: form-data; {disposition}\r\n", self.boundary);
        self.body.extend_from_slice(head.as_bytes());
        if let Some(content_type) = content_type {
            self.body.extend_from_slice(format!("Content-Type: {content_type}\r\n").as_bytes());
        }
        self.body.extend_from_slice(b"\r\n");
        self.body.extend_from_slice(content);
        self.body.extend_from_slice(b"\r\n");
        self
    }

    /// What the request says of its body.
    pub(crate) fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    /// The body of the request.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.body.extend_from_slice(format!("--{}--\r\n", self.boundary).as_bytes());
        self.body
    }
}

#[cfg(test)]
mod tests {
    use super::Form;

    #[test]
    fn a_form_has_its_fields_and_an_end() {
        let form = Form::new(b"x").text("chat_id", "7").file("voice", "r.ogg", "audio/ogg", b"x");
        assert_eq!(form.content_type(), "multipart/form-data; boundary=----tandem-00000000");
        let body = String::from_utf8(form.finish()).unwrap();
        assert_eq!(
            body,
            "------tandem-00000000\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n7\r\n\
             ------tandem-00000000\r\nContent-Disposition: form-data; name=\"voice\"; filename=\"r.ogg\"\r\n\
             Content-Type: audio/ogg\r\n\r\nx\r\n------tandem-00000000--\r\n"
        );
    }

    #[test]
    fn a_file_cannot_end_its_form() {
        let form = Form::new(b"--  ----tandem-00000000 --");
        assert_eq!(form.content_type(), "multipart/form-data; boundary=----tandem-00000001");
    }
}
