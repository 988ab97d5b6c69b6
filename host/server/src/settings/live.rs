//! The settings of live events.

use std::str::FromStr;

use clap::Args;
use schemars::JsonSchema;

use crate::relay::{Config, NotRedis};

/// How operators are told what happens, as it happens.
#[derive(Args, Clone, Debug, JsonSchema)]
#[group(skip)]
pub struct Live {
    /// The Redis through which several processes tell each other what happens, so that an operator who listens at one of
    /// them hears of all: `redis://HOST:6379/0`, or `rediss://` for TLS. Needs Redis 6 or newer. If it is away, each process
    /// tells its own events alone.
    #[arg(long, env = "REDIS_URL", value_name = "URL", hide_env_values = true)]
    #[schemars(with = "String")]
    pub redis: Option<MaybeRedis>,
}

/// Where Redis is. `None` if it is set to nothing.
#[derive(Clone, Debug)]
pub struct MaybeRedis(pub Option<Config>);

impl FromStr for MaybeRedis {
    type Err = NotRedis;

    fn from_str(text: &str) -> Result<Self, NotRedis> {
        match text {
            "" => Ok(Self(None)),
            url => Config::new(url).map(|config| Self(Some(config))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redis_is_a_url_and_its_password_is_never_shown() {
        let read = |text: &str| text.parse::<MaybeRedis>();
        assert!(read("").unwrap().0.is_none());
        let set = read("redis://:secret@h:6379").unwrap();
        assert!(set.0.is_some() && !format!("{set:?}").contains("secret"));
        assert_eq!(read("localhost:6379").unwrap_err(), NotRedis);
    }
}
