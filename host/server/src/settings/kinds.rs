//! The kinds of values that settings have, each with its bounds.

use std::borrow::Cow;
use std::convert::Infallible;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use thiserror::Error;

use crate::auth::{HostName, HostNameError};

/// A whole number from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole<const MIN: u64, const MAX: u64>(u64);

/// Why a text is not such a number.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum NotWhole {
    /// It is something else.
    #[error("expected a whole number")]
    Else,
    /// It is out of bounds.
    #[error("{number} is not in {min}..={max}")]
    Outside {
        /// The number.
        number: u64,
        /// The least that it may be.
        min: u64,
        /// The most that it may be.
        max: u64,
    },
}

/// A host and a port to listen on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen(pub String);

/// Why a text is not a host and a port.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("expected a host and a port, as in `127.0.0.1:8080`")]
pub struct NotListen;

/// A host and a port for operators. `None` if there is to be no door for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminListen(pub Option<Listen>);

/// Why a text is neither.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("expected a host and a port, as in `127.0.0.1:8081`, or `none`")]
pub struct NotAdminListen;

/// A path. `None` if it is set to nothing, as container files often do with variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaybePath(pub Option<PathBuf>);

/// The name of a host. `None` if a variable is set to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaybeHost(pub Option<HostName>);

impl<const MIN: u64, const MAX: u64> Whole<MIN, MAX> {
    /// The number.
    pub fn get(self) -> u64 {
        self.0
    }

    /// As many of something that a process can count.
    pub fn count(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }

    /// As many seconds.
    pub fn seconds(self) -> Duration {
        Duration::from_secs(self.0)
    }

    /// As many MiB, in bytes.
    pub fn mib(self) -> usize {
        self.count().saturating_mul(1 << 20)
    }
}

impl<const MIN: u64, const MAX: u64> FromStr for Whole<MIN, MAX> {
    type Err = NotWhole;

    fn from_str(text: &str) -> Result<Self, NotWhole> {
        let number = text.trim().parse().map_err(|_| NotWhole::Else)?;
        match (MIN..=MAX).contains(&number) {
            true => Ok(Self(number)),
            false => Err(NotWhole::Outside {
                number,
                min: MIN,
                max: MAX,
            }),
        }
    }
}

impl<const MIN: u64, const MAX: u64> JsonSchema for Whole<MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Whole".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": MIN, "maximum": MAX })
    }
}

impl FromStr for Listen {
    type Err = NotListen;

    fn from_str(text: &str) -> Result<Self, NotListen> {
        let parts = text.rsplit_once(':').filter(|(host, _)| !host.is_empty());
        match parts.map(|(_, port)| port.parse::<u16>()) {
            Some(Ok(_)) => Ok(Self(text.to_owned())),
            _ => Err(NotListen),
        }
    }
}

impl FromStr for AdminListen {
    type Err = NotAdminListen;

    fn from_str(text: &str) -> Result<Self, NotAdminListen> {
        match text {
            "none" => Ok(Self(None)),
            _ => text.parse().map(Some).map(Self).map_err(|_| NotAdminListen),
        }
    }
}

impl FromStr for MaybePath {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self((!text.is_empty()).then(|| PathBuf::from(text))))
    }
}

impl FromStr for MaybeHost {
    type Err = HostNameError;

    fn from_str(text: &str) -> Result<Self, HostNameError> {
        let host = (!text.trim().is_empty()).then(|| text.trim().parse());
        host.transpose().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_whole_and_within_its_bounds() {
        type Few = Whole<1, 15>;
        assert_eq!(
            "5".parse::<Few>().unwrap().seconds(),
            Duration::from_secs(5)
        );
        for text in ["", "five", "1.5", "-1", "99999999999999999999"] {
            assert_eq!(text.parse::<Few>(), Err(NotWhole::Else), "{text}");
        }
        let outside = "20".parse::<Few>().unwrap_err();
        assert_eq!(outside.to_string(), "20 is not in 1..=15");
    }

    #[test]
    fn an_address_has_a_host_and_a_port() {
        for text in ["127.0.0.1:8080", "[::1]:0", "sluice.example:80"] {
            assert_eq!(text.parse::<Listen>().unwrap().0, text);
        }
        for text in ["", "8080", ":8080", "host:", "host:66000", "host:http"] {
            assert_eq!(text.parse::<Listen>(), Err(NotListen), "{text}");
            assert_eq!(text.parse::<AdminListen>(), Err(NotAdminListen), "{text}");
        }
        let listen = Listen("[::1]:0".to_owned());
        assert_eq!("[::1]:0".parse(), Ok(AdminListen(Some(listen))));
        assert_eq!("none".parse(), Ok(AdminListen(None)));
    }
}
