//! The ways in which a JSON value says a text.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::EditError;
use crate::arguments::{read_arguments, write_arguments};
use crate::json::{self, Span, quote, unescape};

/// The longest that stands before the comma of a data URL, in bytes.
const HEADER: usize = 256;

/// Files that are texts, though their type does not begin with `text/`.
const TEXTS: [&str; 16] = [
    "json",
    "jsonl",
    "x-ndjson",
    "xml",
    "yaml",
    "x-yaml",
    "toml",
    "csv",
    "sql",
    "graphql",
    "javascript",
    "x-javascript",
    "typescript",
    "x-typescript",
    "x-sh",
    "x-httpd-php",
];

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// How a value says a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    /// It is the string.
    Plain,
    /// The arguments of a call: a JSON value, or a string that holds one.
    Call,
    /// Its UTF-8 as base64.
    Base64,
    /// A data URL, whose media type says whether it is a text at all.
    DataUrl,
}

impl Coding {
    /// What `value`, a JSON text, says. `None` if that is no text.
    pub(crate) fn read(self, value: &str) -> Option<String> {
        let inner = match value.as_bytes() {
            [b'"', inner @ .., b'"'] => inner,
            _ => return (self == Self::Call).then(|| value.to_owned()),
        };
        match self {
            Self::Plain => Some(unescape(inner)),
            Self::Call => Some(read_arguments(&unescape(inner))),
            Self::Base64 => decode(&unescape(inner)),
            Self::DataUrl => {
                // Most are media and long: those are not looked at beyond this.
                let front = unescape(&inner[..inner.len().min(HEADER)]);
                let (header, _) = front.split_once(',')?;
                let is_base64 = text_url(header)?;
                let url = unescape(inner);
                match is_base64 {
                    true => decode(url.split_once(',')?.1),
                    false => Some(url),
                }
            }
        }
    }

    /// The JSON text that says `text` in the place of `old`, where it may take `depth` levels.
    pub(crate) fn write(self, old: &str, text: &str, depth: usize) -> Result<String, EditError> {
        match self {
            Self::Plain => Ok(quote(text)),
            Self::Call => {
                json::check(text, depth).map_err(|fault| EditError::NotJson(fault.to_string()))?;
                match old.starts_with('"') {
                    true => Ok(write_arguments(text)),
                    false => Ok(text.to_owned()),
                }
            }
            Self::Base64 => Ok(quote(&STANDARD.encode(text))),
            Self::DataUrl => {
                let whole = Span {
                    start: 0,
                    end: old.len(),
                };
                let old = whole.string(old.as_bytes()).unwrap_or_default();
                let (header, _) = old.split_once(',').unwrap_or_default();
                let now = text
                    .split_once(',')
                    .and_then(|(header, _)| text_url(header));
                match (text_url(header), now) {
                    (Some(true), _) => Ok(quote(&format!("{header},{}", STANDARD.encode(text)))),
                    (_, Some(false)) => Ok(quote(text)),
                    _ => Err(EditError::Illegal(
                        "a data URL of a text must stay one".to_owned(),
                    )),
                }
            }
        }
    }
}

/// Whether files of this media type are texts.
pub(super) fn is_text(media_type: &str) -> bool {
    let name = media_type.split(';').next().unwrap_or_default();
    let name = name.trim().to_ascii_lowercase();
    let of_text = name.starts_with("text/")
        || ["+json", "+xml", "+yaml"]
            .iter()
            .any(|end| name.ends_with(end));
    let application = name.strip_prefix("application/").unwrap_or_default();
    // A drawing is looked at.
    (of_text || TEXTS.contains(&application)) && !name.starts_with("image/")
}

/// Whether the data URL with this header is one in base64. `None` if it is no text.
fn text_url(header: &str) -> Option<bool> {
    let described = header
        .get(..5)
        .filter(|scheme| scheme.eq_ignore_ascii_case("data:"));
    let described = &header[described?.len()..];
    let base64 = described.len().checked_sub(7).and_then(|at| {
        let end = described.get(at..)?;
        end.eq_ignore_ascii_case(";base64").then_some(at)
    });
    let media_type = &described[..base64.unwrap_or(described.len())];
    // Without a type it is plain text (RFC 2397).
    let is_plain = media_type.is_empty() || media_type.starts_with(';');
    (is_plain || is_text(media_type)).then_some(base64.is_some())
}

/// The text that this base64 says. `None` if it is no base64 or what it says is not UTF-8.
fn decode(text: &str) -> Option<String> {
    let dense: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    let decoded = STANDARD.decode(&dense).or_else(|_| URL_SAFE.decode(&dense));
    String::from_utf8(decoded.ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(coding: Coding, json: &str, says: Option<&str>) {
        assert_eq!(coding.read(json).as_deref(), says, "{json}");
    }

    #[test]
    fn files_of_text_are_read_and_others_are_media() {
        let coding = Coding::DataUrl;
        check(coding, r#""data:text/plain;base64,aGkh""#, Some("hi!"));
        check(
            coding,
            r#""DATA:Text/CSV;charset=utf-8;BASE64,aGkh""#,
            Some("hi!"),
        );
        check(
            coding,
            r#""data:application\/json;base64,aGkh""#,
            Some("hi!"),
        );
        check(coding, r#""data:;base64,aG\nkh""#, Some("hi!"));
        check(
            coding,
            r#""data:application/geo+json;base64,fn5-fg""#,
            Some("~~~~"),
        );
        check(
            coding,
            r#""data:text/plain,hi%21""#,
            Some("data:text/plain,hi%21"),
        );
        check(coding, r#""data:image/png;base64,aGkh""#, None);
        check(coding, r#""data:image/svg+xml;base64,aGkh""#, None);
        check(coding, r#""data:application/pdf;base64,aGkh""#, None);
        check(coding, r#""data:text/plain;base64,/w==""#, None);
        check(coding, r#""data:text/plain;base64,***""#, None);
        check(coding, r#""aGkh""#, None);
    }

    #[test]
    fn a_text_is_written_the_way_it_stood_there() {
        for (coding, old, text, new) in [
            (Coding::Plain, "\"a\"", "\"\n", r#""\"\n""#),
            (Coding::Base64, "\"aGkh\"", "ho!", r#""aG8h""#),
            (
                Coding::DataUrl,
                r#""data:text/plain;base64,aGkh""#,
                "ho!",
                r#""data:text/plain;base64,aG8h""#,
            ),
            (
                Coding::DataUrl,
                r#""data:text/plain,hi""#,
                "data:text/plain,ho",
                r#""data:text/plain,ho""#,
            ),
            (Coding::Call, r#"{"a": 1}"#, r#"{"a":2}"#, r#"{"a":2}"#),
            (
                Coding::Call,
                r#""{\"a\": 1}""#,
                r#"{"a":2}"#,
                r#""{\"a\":2}""#,
            ),
            (Coding::Call, r#""a""#, r#""b""#, r#""b""#),
        ] {
            assert_eq!(coding.write(old, text, 8).as_deref(), Ok(new), "{old}");
            assert_eq!(coding.read(new).as_deref(), Some(text), "{old}");
        }
        assert!(Coding::Call.write("{}", "{", 8).is_err());
        assert!(Coding::Call.write("{}", "[[]]", 1).is_err());
        let url = r#""data:text/plain,hi""#;
        assert!(Coding::DataUrl.write(url, "hi", 8).is_err());
    }

    #[test]
    fn arguments_that_do_not_parse_are_a_string_that_says_them() {
        check(Coding::Call, r#""{\"a""#, Some(r#""{\"a""#));
        check(Coding::Call, r#""{\"a\":1}""#, Some(r#"{"a":1}"#));
        check(Coding::Call, r#"{"a":1}"#, Some(r#"{"a":1}"#));
    }
}
