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

    /// Whether no web page on another machine can have the name: the machine's own, what containers call it, or one
    /// without a dot, which is no name of the public DNS but one of a hosts file or a container network.
    pub fn is_local(&self) -> bool {
        match self {
            Self::Address(address) => address.is_loopback(),
            Self::Name(name) => {
                let is_own =
                    name.ends_with(".localhost") || SEEN_FROM_CONTAINERS.contains(&&**name);
                is_own || !name.contains('.')
            }
        }
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
    fn names_that_no_web_page_can_have_are_local() {
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
