//! The settings of how long the record is kept.

use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use schemars::JsonSchema;
use thiserror::Error;

/// The section `retention`. Nothing is forgotten until one of these is set.
#[derive(Args, Clone, Debug, JsonSchema)]
#[group(skip)]
#[schemars(inline, deny_unknown_fields)]
pub struct Retention {
    /// How long contents are kept: bodies, headers, blocks, and what policies and errors say in free text. Such as `30d`.
    #[arg(id = "retention.contents", long = "retention-contents")]
    #[arg(env = "SLUICE_RETENTION_CONTENTS", value_name = "AGE")]
    #[schemars(with = "String")]
    pub contents: Option<MaybeAge>,
    /// How long exchanges are kept at all, with their numbers: times, tokens, statuses, verdicts, names. Such as `1y`.
    #[arg(id = "retention.numbers", long = "retention-numbers")]
    #[arg(env = "SLUICE_RETENTION_NUMBERS", value_name = "AGE")]
    #[schemars(with = "String")]
    pub numbers: Option<MaybeAge>,
    /// How much all contents may take, without what the database adds to them. Beyond that the oldest are forgotten.
    /// Such as `20GiB`.
    #[arg(id = "retention.size", long = "retention-size")]
    #[arg(env = "SLUICE_RETENTION_SIZE", value_name = "SIZE")]
    #[schemars(with = "String")]
    pub size: Option<MaybeSize>,
}

/// An age. `None` if it is set to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaybeAge(pub Option<Duration>);

/// A number of bytes. `None` if it is set to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaybeSize(pub Option<u64>);

/// Why a text is no age.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("expected a number and a unit, as in `12h`, `30d`, `8w` or `1y`")]
pub struct NotAnAge;

/// Why a text is no size.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("expected a number and a unit, as in `500MiB` or `20GiB`")]
pub struct NotASize;

/// The units of ages, in seconds. A year has 365 days.
const AGES: [(&str, u64); 5] = [
    ("m", 60),
    ("h", 60 * 60),
    ("d", 24 * 60 * 60),
    ("w", 7 * 24 * 60 * 60),
    ("y", 365 * 24 * 60 * 60),
];
/// The units of sizes, in bytes.
const SIZES: [(&str, u64); 4] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

impl FromStr for MaybeAge {
    type Err = NotAnAge;

    fn from_str(text: &str) -> Result<Self, NotAnAge> {
        match text.trim() {
            "" => Ok(Self(None)),
            text => {
                let seconds = measured(text, &AGES).ok_or(NotAnAge)?;
                Ok(Self(Some(Duration::from_secs(seconds))))
            }
        }
    }
}

impl FromStr for MaybeSize {
    type Err = NotASize;

    fn from_str(text: &str) -> Result<Self, NotASize> {
        match text.trim() {
            "" => Ok(Self(None)),
            text => Ok(Self(Some(measured(text, &SIZES).ok_or(NotASize)?))),
        }
    }
}

/// A whole number, larger than 0, of a unit.
fn measured(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let (unit, factor) = units.iter().find(|(unit, _)| text.ends_with(unit))?;
    let number: u64 = text.strip_suffix(unit)?.trim_end().parse().ok()?;
    number.checked_mul(*factor).filter(|measured| *measured > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_a_number_and_a_unit() {
        let days = |days: u64| Ok(MaybeAge(Some(Duration::from_secs(days * 86_400))));
        for (text, age) in [
            ("30d", days(30)),
            ("2 w", days(14)),
            ("1y", days(365)),
            ("", Ok(MaybeAge(None))),
        ] {
            assert_eq!(text.parse(), age, "{text}");
        }
        for text in [
            "30",
            "d",
            "0d",
            "-1d",
            "1.5d",
            "30 days",
            "99999999999999999999y",
        ] {
            assert_eq!(text.parse::<MaybeAge>(), Err(NotAnAge), "{text}");
        }
    }

    #[test]
    fn a_size_is_a_number_and_a_unit() {
        assert_eq!("20GiB".parse(), Ok(MaybeSize(Some(20 << 30))));
        for text in ["20", "20GB", "20gib", "0MiB"] {
            assert_eq!(text.parse::<MaybeSize>(), Err(NotASize), "{text}");
        }
    }
}
