//! Where a running Sluice is reached.

use std::fmt;
use std::str::FromStr;

use url::Url;

/// The address of a listener: `http://127.0.0.1:8080`.
#[derive(Clone, Debug)]
pub(super) struct Address(Url);

impl Address {
    /// The host to connect to.
    pub(super) fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The port to connect to.
    pub(super) fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or(80)
    }

    /// The same as a URL.
    pub(super) fn url(&self) -> &Url {
        &self.0
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let url: Url = text.parse().map_err(|error| format!("{error}"))?;
        let plain = url.path() == "/" && url.query().is_none() && url.username().is_empty();
        if url.scheme() != "http" || url.host_str().is_none() || !plain {
            return Err("expected where Sluice listens, as in `http://127.0.0.1:8080`".to_owned());
        }
        Ok(Self(url))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}
