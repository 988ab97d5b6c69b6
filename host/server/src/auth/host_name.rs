//! The name or address of a host, as an operator writes it and as a caller sends it.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use thiserror::Error;

/// A host without a port, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum HostName {
    /// An address.
    Address(IpAddr),
    /// A name, without a dot at its end.
    Name(String),
}

/// A text that names no host.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "expected the name or the address of a host, without a scheme and a port, as in `sluice.internal`"
)]
pub struct HostNameError;

/// What containers of Docker and Podman call the machine that they run on. The domain is reserved.
const SEEN_FROM_CONTAINERS: [&str; 2] = ["host.docker.internal", "host.containers.internal"];
/// The longest name of the DNS.
const LONGEST: usize = 253;

impl HostName {
    /// Reads the host of an authority, as the header `Host` has it: with a port or without.
    pub fn of_authority(text: &str) -> Result<Self, HostNameError> {
        let host = match text.rsplit_once(':') {
            Some((host, port)) if !text.ends_with(']') => {
                let is_port = port.chars().all(|digit| digit.is_ascii_digit());
                is_port.then_some(host).ok_or(HostNameError)?
            }
            _ => text,
        };
        // A bare IPv6 address in an authority would be read as a name and a port.
        if host.contains(':') && !host.starts_with('[') {
            return Err(HostNameError);
        }
        host.parse()
    }

    /// Whether programs may call Sluice by this name or address without `--allow-host`: a loopback address, a name of
    /// this machine (`localhost` and below), what containers call it, or a name without a dot.
    ///
    /// Names without a dot are the names of services in container networks and compose files, and agents there need
    /// them. For DNS rebinding such a name would have to lead to this machine, and in the public DNS only the owner of
    /// a top-level domain could make it do so; ICANN forbids those domains to have an address. What pages may do is
    /// stricter, see [`may_have_pages`](Self::may_have_pages).
    pub fn is_local(&self) -> bool {
        self.is_loopback() || self.is_seen_from_containers() || self.is_dotless()
    }

    /// Whether a page at this name, at which Sluice is called as well, may be taken for Sluice's own. A name without a
    /// dot may be that of another machine in the local network, so only this machine's own name counts.
    pub fn may_have_pages(&self) -> bool {
        self.is_loopback() || !self.is_dotless()
    }

    fn is_loopback(&self) -> bool {
        match self {
            Self::Address(address) => address.is_loopback(),
            Self::Name(name) => name == "localhost" || name.ends_with(".localhost"),
        }
    }

    fn is_seen_from_containers(&self) -> bool {
        matches!(self, Self::Name(name) if SEEN_FROM_CONTAINERS.contains(&&**name))
    }

    fn is_dotless(&self) -> bool {
        matches!(self, Self::Name(name) if !name.contains('.'))
    }
}

impl FromStr for HostName {
    type Err = HostNameError;

    fn from_str(text: &str) -> Result<Self, HostNameError> {
        let inner = text
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        if let Some(address) = inner {
            let address = address.parse::<Ipv6Addr>().map_err(|_| HostNameError)?;
            return Ok(Self::Address(IpAddr::V6(address).to_canonical()));
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Address(address.to_canonical()));
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "-._".contains(letter);
        let is_name = !name.is_empty() && name.len() <= LONGEST && name.chars().all(is_letter);
        match is_name && !name.starts_with('.') && !name.ends_with('.') {
            true => Ok(Self::Name(name.to_ascii_lowercase())),
            false => Err(HostNameError),
        }
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(out),
            Self::Name(name) => out.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<String> {
        let host = HostName::of_authority(text).ok()?;
        Some(host.to_string())
    }

    #[test]
    fn a_host_is_read_with_and_without_a_port() {
        for (text, host) in [
            ("localhost", "localhost"),
            ("LocalHost:8080", "localhost"),
            ("sluice.internal.", "sluice.internal"),
            ("sluice.internal.:80", "sluice.internal"),
            ("127.0.0.1:1", "127.0.0.1"),
            ("[::1]:8080", "::1"),
            ("[::ffff:127.0.0.1]", "127.0.0.1"),
            ("my_service:", "my_service"),
        ] {
            assert_eq!(of(text).as_deref(), Some(host), "{text}");
        }
    }

    #[test]
    fn what_names_no_host_is_refused() {
        let long = format!("{}.x", "a".repeat(252));
        for text in [
            "",
            ":80",
            "a:b",
            "::1",
            "[::1",
            "[x]",
            "user@host",
            "a/b",
            "a b",
            "..",
            ".a",
            "a..",
            "a%2e",
            &long,
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn names_of_this_machine_and_of_container_networks_are_local() {
        let local = |text: &str| HostName::of_authority(text).unwrap().is_local();
        for text in [
            "localhost",
            "a.localhost",
            "sluice",
            "host.docker.internal:80",
            "127.9.9.9",
            "[::1]",
        ] {
            assert!(local(text), "{text}");
        }
        for text in [
            "evil.example",
            "x.docker.internal",
            "localhost.evil.example",
            "127.0.0.1.nip.io",
            "10.0.0.1",
            "notlocalhost.x",
        ] {
            assert!(!local(text), "{text}");
        }
    }
}
