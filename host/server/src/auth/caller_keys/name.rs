//! What people call a key.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The most characters of a name.
const LONGEST: usize = 64;

/// The name of a key, like `ann` or `Build server, team blue`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyName(String);

/// A text that can't be a name.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a name has 1 to {LONGEST} characters")]
pub struct NotAName;

impl FromStr for KeyName {
    type Err = NotAName;

    fn from_str(text: &str) -> Result<Self, NotAName> {
        let fits = (1..=LONGEST).contains(&text.chars().count());
        fits.then(|| Self(text.to_owned())).ok_or(NotAName)
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short() {
        let long = "ä".repeat(LONGEST);
        for name in ["ann", "Build server, team blue", &long] {
            assert_eq!(name.parse(), Ok(KeyName(name.to_owned())));
        }
        for name in ["", &format!("{long}x")] {
            assert_eq!(name.parse::<KeyName>(), Err(NotAName), "{name:?}");
        }
    }
}
