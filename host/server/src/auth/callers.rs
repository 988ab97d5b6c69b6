//! Keeps web pages away.
//!
//! A page that a person has open can make the browser send requests to this machine. The browser says so in
//! `Origin` and `Sec-Fetch-Site`. If the page's own name was made to lead here (DNS rebinding), the browser takes
//! the page for Sluice's own, but `Host` has that name.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use axum::http::header::{HOST, ORIGIN};
use axum::http::uri::Scheme;
use axum::http::{HeaderMap, HeaderValue, Version, request};
use thiserror::Error;

use super::HostName;
use crate::telemetry::{Tally, clip};

/// How often refusals are logged at most. A page can send thousands a second.
const LOG_EVERY: Duration = Duration::from_secs(10);

/// Under which names Sluice is called.
#[derive(Clone, Debug)]
pub struct Callers {
    listen: IpAddr,
    allowed: Vec<HostName>,
}

/// Why a request is refused before anything of it is read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Foreign {
    /// It names no host, or several.
    #[error("the request does not name one host: send one `Host` header")]
    NoHost,
    /// It is for a host that Sluice is not.
    #[error("Sluice is not called `{0}` here: if it should be, start it with `--allow-host {0}`")]
    Host(String),
    /// A web page sent it.
    #[error(
        "web pages may not use Sluice, and this request is from `{0}`: to let pages of a host in, start it with `--allow-host NAME`"
    )]
    Page(String),
}

impl Callers {
    /// Those who call Sluice by the address it listens on, by a name that is local, or by one of these.
    pub fn new(listen: IpAddr, allowed: impl IntoIterator<Item = HostName>) -> Self {
        Self {
            listen: listen.to_canonical(),
            allowed: allowed.into_iter().collect(),
        }
    }

    /// Refuses what a web page made a browser send, and logs that. If a refusal was logged within the last ten
    /// seconds, this one is only counted, and the next line says how many there were.
    pub fn admit(&self, head: &request::Parts) -> Result<(), Foreign> {
        static REFUSED: Tally = Tally::new();
        self.check(head).inspect_err(|foreign| {
            REFUSED.note();
            if let Some(refused) = REFUSED.news_at(Instant::now(), LOG_EVERY) {
                tracing::warn!(refused, "refused a request: {foreign}");
            }
        })
    }

    /// Refuses what a web page made a browser send.
    fn check(&self, head: &request::Parts) -> Result<(), Foreign> {
        let host = self.host(head)?;
        self.check_page(&head.headers, host.as_deref())
    }

    /// The authority that the request is for. Only requests of HTTP/1.0 may lack one: no browser sends those.
    fn host(&self, head: &request::Parts) -> Result<Option<String>, Foreign> {
        let mut hosts = head.headers.get_all(HOST).iter();
        let (host, more) = (hosts.next(), hosts.next());
        let host = host.filter(|host| !host.is_empty());
        let named = host.map(shown);
        let named = match (named, head.uri.authority()) {
            _ if more.is_some() => return Err(Foreign::NoHost),
            (Some(named), None) => named,
            (None, Some(asked)) => asked.to_string(),
            (Some(named), Some(asked)) => {
                self.check_host(&named)?;
                asked.to_string()
            }
            (None, None) if head.version <= Version::HTTP_10 => return Ok(None),
            (None, None) => return Err(Foreign::NoHost),
        };
        self.check_host(&named)?;
        Ok(Some(named))
    }

    fn check_host(&self, authority: &str) -> Result<(), Foreign> {
        match HostName::of_authority(authority) {
            Ok(host) if self.knows(&host) => Ok(()),
            Ok(host) => Err(Foreign::Host(host.to_string())),
            Err(_) => Err(Foreign::Host(authority.to_owned())),
        }
    }

    /// An address is no name that could be made to lead here. Where Sluice listens on all of them it can't know
    /// which are its own.
    fn knows(&self, host: &HostName) -> bool {
        let is_own = match host {
            HostName::Address(address) => self.listen.is_unspecified() || *address == self.listen,
            HostName::Name(_) => false,
        };
        is_own || host.is_local() || self.allowed.contains(host)
    }

    fn check_page(&self, headers: &HeaderMap, host: Option<&str>) -> Result<(), Foreign> {
        let mut origins = headers.get_all(ORIGIN).iter().map(shown).peekable();
        if origins.peek().is_none() {
            let site = headers.get("sec-fetch-site").map(shown);
            return self.check_site(site.as_deref(), host);
        }
        match origins.find(|origin| !self.may_use(origin, host)) {
            Some(origin) => Err(Foreign::Page(origin)),
            None => Ok(()),
        }
    }

    /// Checks what a browser says about the page if it sends no origin.
    fn check_site(&self, site: Option<&str>, host: Option<&str>) -> Result<(), Foreign> {
        match (site, host) {
            // The second is sent if a person typed the address.
            (None | Some("none"), _) => Ok(()),
            (Some("same-origin"), Some(host)) if self.may_have_pages(host) => Ok(()),
            (Some("same-origin"), Some(host)) => Err(Foreign::Page(host.to_owned())),
            (Some(site), _) => Err(Foreign::Page(format!("another site ({site})"))),
        }
    }

    /// Whether pages at this authority, by which Sluice is called, are let in.
    fn may_have_pages(&self, authority: &str) -> bool {
        HostName::of_authority(authority)
            .is_ok_and(|host| host.may_have_pages() || self.allowed.contains(&host))
    }

    /// Whether an origin is no web page, or a page that is let in: one at an allowed name, or at `host`, which is then
    /// Sluice itself. Schemes other than the web's are those of programs: no page can have the origin
    /// `vscode-webview://…`.
    fn may_use(&self, origin: &str, host: Option<&str>) -> bool {
        let Some((scheme, authority)) = origin.split_once("://") else {
            return false;
        };
        let web = [Scheme::HTTP.as_str(), Scheme::HTTPS.as_str(), "ws", "wss"];
        if !web.iter().any(|web| scheme.eq_ignore_ascii_case(web)) {
            return true;
        }
        let listed =
            HostName::of_authority(authority).is_ok_and(|page| self.allowed.contains(&page));
        let is_own = |host: &str| host.eq_ignore_ascii_case(authority) && self.may_have_pages(host);
        listed || host.is_some_and(is_own)
    }
}

/// What a caller says, in a form that an error may repeat.
fn shown(value: &HeaderValue) -> String {
    clip(&String::from_utf8_lossy(value.as_bytes())).into_owned()
}

#[cfg(test)]
mod tests;
