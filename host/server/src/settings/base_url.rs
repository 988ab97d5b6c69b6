//! Reads the base URL of an upstream in the forms that people write.
//!
//! The documentation of providers gives base URLs that end with the version of the API, because clients append
//! `/chat/completions` to them. The paths of Sluice's callers begin with `/v1`.

use std::str::FromStr;

use url::Url;

/// A base URL without credentials, a query or a `/v1` at its end.
#[derive(Clone, Debug)]
pub struct BaseUrl {
    pub(crate) url: Url,
    /// Whether the URL replaces `/v1` because its path holds another version.
    pub(crate) stands_for_v1: bool,
}

/// The path at which `ChatGPT` serves the API for Codex. It has no version.
const CHATGPT: &str = "/backend-api/codex";

impl BaseUrl {
    /// Refuses a URL with credentials. This is not part of parsing, because clap shows the values that it refuses.
    pub(crate) fn check_credentials(&self, flag: &str) -> Result<(), String> {
        if self.url.username().is_empty() && self.url.password().is_none() {
            return Ok(());
        }
        let fault = "credentials do not belong in the URL, since callers send their own";
        Err(format!("error: invalid value for '{flag} <URL>': {fault}"))
    }
}

impl FromStr for BaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut url: Url = text.parse().map_err(|error| format!("{error}"))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err("expected a URL that begins with `https://` or `http://`".to_owned());
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("a base URL has no query and no fragment".to_owned());
        }
        let path = url.path().trim_end_matches('/').to_owned();
        let Some(before) = path.strip_suffix("/v1") else {
            let stands_for_v1 = path.ends_with(CHATGPT) || path.split('/').any(is_version);
            return Ok(Self { url, stands_for_v1 });
        };
        url.set_path(before);
        Ok(Self {
            url,
            stands_for_v1: false,
        })
    }
}

/// Whether a segment of a path is a version: `v4`, `v1beta`, `v1.1`, `v2alpha3`.
fn is_version(segment: &str) -> bool {
    let is_number = |letter: char| letter.is_ascii_digit() || letter == '.';
    let Some(version) = segment.strip_prefix(['v', 'V']) else {
        return false;
    };
    let stage = version.trim_start_matches(is_number);
    let name = stage.trim_end_matches(is_number);
    version.starts_with(|first: char| first.is_ascii_digit())
        && ["", "alpha", "beta", "preview"].contains(&name)
}

#[cfg(test)]
mod tests {
    use super::BaseUrl;

    #[test]
    fn a_path_with_a_version_of_its_own_stands_for_v1() {
        for (text, stands) in [
            (
                "https://generativelanguage.googleapis.com/v1beta/openai",
                true,
            ),
            (
                "https://generativelanguage.googleapis.com/v1beta/openai/",
                true,
            ),
            ("https://open.bigmodel.cn/api/paas/v4", true),
            ("https://ark.cn-beijing.volces.com/api/v3", true),
            ("https://api.deepinfra.com/v1/openai", true),
            (
                "https://gateway.ai.cloudflare.com/v1/account/gateway/openai",
                true,
            ),
            ("https://chatgpt.com/backend-api/codex", true),
            ("https://api.openai.com", false),
            ("https://api.openai.com/v1", false),
            ("https://x.openai.azure.com/openai/v1/", false),
            ("https://api.groq.com/openai/v1", false),
            ("https://host/v4/proxy/v1", false),
            ("https://host/gateway", false),
            ("https://host/vllm", false),
            ("https://host/v", false),
            ("https://host/v1team", false),
        ] {
            let base: BaseUrl = text.parse().unwrap();
            assert_eq!(base.stands_for_v1, stands, "{text}");
        }
    }
}
