//! The address of the Sluice that the doctor asks, and whether a base URL leads there.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use url::{Host, Url};

use crate::cli::address::Address;

use super::finding::{Finding, fine, note, problem};

/// Where agents reach Sluice.
#[derive(Clone, Debug)]
pub(super) struct Target(Address);

/// A base URL that an agent uses, and where it is set.
#[derive(Clone, Debug)]
pub(super) struct Base {
    pub(super) url: String,
    /// Where it is set, in words for the person: `ANTHROPIC_BASE_URL`, or the same in a file.
    pub(super) source: String,
}

/// What an agent appends to its base URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// `/v1` and the rest.
    Root,
    /// The rest alone.
    V1,
}

impl Target {
    /// The address.
    pub(super) fn address(&self) -> &Address {
        &self.0
    }

    /// Returns the base URL that an agent should have.
    pub(super) fn base(&self, ending: Ending) -> String {
        match ending {
            Ending::Root => self.to_string(),
            Ending::V1 => format!("{self}/v1"),
        }
    }

    /// Whether a URL leads to the same port of the same host.
    pub(super) fn is_led_to_by(&self, url: &Url) -> bool {
        let place = |url: &Url| (host(url), url.port_or_known_default());
        url.scheme() == "http" && place(url) == place(self.0.url())
    }

    /// Judges the base URL of an agent that would otherwise call `default`. `remedy` is what the person should set;
    /// it continues a sentence that ends with "set".
    pub(super) fn judge(
        &self,
        base: Option<&Base>,
        default: &str,
        ending: Ending,
        remedy: &str,
    ) -> Finding {
        let Some(Base { url, source }) = base else {
            return problem(format!("it calls {default}: set {remedy}"));
        };
        let Ok(parsed) = url.parse::<Url>() else {
            return problem(format!("{source} is no URL: set {remedy}"));
        };
        let shown = shown(&parsed);
        if !self.is_led_to_by(&parsed) {
            return problem(format!(
                "{source} is {shown}, which is not {self}: set {remedy}"
            ));
        }
        let path = parsed.path().trim_end_matches('/');
        match (ending, path) {
            (Ending::Root, "") | (Ending::V1, "/v1") => fine(format!("{source} leads here")),
            // Sluice serves both, so this is no reason to look for a fault here.
            (Ending::Root, "/v1") => note(format!(
                "{source} leads here, though this agent adds `/v1` itself: better set {remedy}"
            )),
            (Ending::V1, "") => note(format!(
                "{source} leads here, though this agent does not add `/v1` itself: better set {remedy}"
            )),
            _ => problem(format!(
                "{source} is {shown}, and Sluice serves nothing below `{path}`: set {remedy}"
            )),
        }
    }
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Returns a URL for people to read, without the parts that may be a credential.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // It fails where a URL has none to take away.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.as_str().trim_end_matches('/').to_owned()
}

/// Returns the host. All names and addresses of this machine are returned as one.
fn host(url: &Url) -> String {
    let own = |address: IpAddr| address.is_loopback() || address.is_unspecified();
    match url.host() {
        Some(Host::Ipv4(address)) if own(address.into()) => "localhost".to_owned(),
        Some(Host::Ipv6(address)) if own(address.into()) => "localhost".to_owned(),
        Some(host) => host.to_string(),
        None => String::new(),
    }
}
