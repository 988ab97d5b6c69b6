//! The keys that upstreams are asked with when callers enter with keys of ours.

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use sluice_protocol::Api;
use thiserror::Error;

/// What tokens of Anthropic's log-in begin with. They are sent as bearer tokens, and keys in a header of their own.
const OAUTH: &str = "sk-ant-oat";

/// A provider's key for each upstream. One that has none is asked without.
#[derive(Clone, Default)]
pub struct ProviderKeys {
    anthropic: Option<(HeaderName, HeaderValue)>,
    openai: Option<(HeaderName, HeaderValue)>,
}

/// A text that can't be a key.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a provider's key is one line of printable ASCII characters")]
pub struct NotAKey;

impl ProviderKeys {
    /// Takes the keys for Anthropic's API and for `OpenAI`'s, or for what speaks like them. Blanks at the ends, like the
    /// end of a file's line, are none of the key.
    pub fn new(anthropic: Option<&str>, openai: Option<&str>) -> Result<Self, NotAKey> {
        let as_anthropic = |key: &str| match key.starts_with(OAUTH) {
            true => bearer(key),
            false => Ok((HeaderName::from_static("x-api-key"), value(key)?)),
        };
        Ok(Self {
            anthropic: given(anthropic).map(as_anthropic).transpose()?,
            openai: given(openai).map(bearer).transpose()?,
        })
    }

    /// Adds the key for the upstream of a dialect.
    pub(super) fn add_to(&self, headers: &mut HeaderMap, api: Api) {
        let key = match api {
            Api::Anthropic => &self.anthropic,
            Api::OpenaiChat | Api::OpenaiResponses | Api::OpenaiEmbeddings => &self.openai,
        };
        if let Some((name, value)) = key {
            headers.insert(name, value.clone());
        }
    }
}

fn given(key: Option<&str>) -> Option<&str> {
    key.map(str::trim).filter(|key| !key.is_empty())
}

fn bearer(key: &str) -> Result<(HeaderName, HeaderValue), NotAKey> {
    Ok((header::AUTHORIZATION, value(&format!("Bearer {key}"))?))
}

fn value(text: &str) -> Result<HeaderValue, NotAKey> {
    let mut value = HeaderValue::from_str(text).map_err(|_| NotAKey)?;
    // Then nobody who prints headers prints it.
    value.set_sensitive(true);
    value.to_str().map_err(|_| NotAKey)?;
    Ok(value)
}

impl fmt::Debug for ProviderKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderKeys").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(keys: &ProviderKeys, api: Api) -> Vec<String> {
        let mut headers = HeaderMap::new();
        keys.add_to(&mut headers, api);
        let pairs = headers.iter();
        pairs
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect()
    }

    #[test]
    fn each_upstream_gets_its_own_key_as_it_expects_it() {
        let keys = ProviderKeys::new(Some("sk-ant-1\n"), Some(" sk-2 ")).unwrap();
        assert_eq!(sent(&keys, Api::Anthropic), ["x-api-key: sk-ant-1"]);
        for api in Api::ALL.into_iter().filter(|api| *api != Api::Anthropic) {
            assert_eq!(sent(&keys, api), ["authorization: Bearer sk-2"]);
        }
        let login = ProviderKeys::new(Some("sk-ant-oat01-x"), None).unwrap();
        let bearer = "authorization: Bearer sk-ant-oat01-x";
        assert_eq!(sent(&login, Api::Anthropic), [bearer]);
        assert_eq!(sent(&login, Api::OpenaiChat), [""; 0]);
    }

    #[test]
    fn what_is_no_key_is_an_error_and_no_key_is_shown() {
        for text in ["a\nb", "a\u{7f}", "ä"] {
            assert_eq!(ProviderKeys::new(Some(text), None).unwrap_err(), NotAKey);
        }
        let keys = ProviderKeys::new(Some("secret"), Some("secret")).unwrap();
        assert!(!format!("{keys:?}").contains("secret"));
        let mut headers = HeaderMap::new();
        keys.add_to(&mut headers, Api::Anthropic);
        assert!(!format!("{headers:?}").contains("secret"));
    }
}
