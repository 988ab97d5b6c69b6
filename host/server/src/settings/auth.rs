//! The settings of who may enter.

use clap::Args;
use clap::builder::FalseyValueParser;
use schemars::JsonSchema;

use super::kinds::MaybePath;
use crate::auth::Accepted;

/// Who may enter, and with which keys model APIs are asked.
#[derive(Args, Clone, Debug, JsonSchema)]
#[group(skip)]
pub struct Auth {
    /// Which credentials let a caller in. With `keys` or `both`, callers may use keys that `sluice keys create` made;
    /// these never leave Sluice, which asks the model API with a key that it holds.
    #[arg(
        long,
        env = "SLUICE_AUTH",
        value_name = "KIND",
        default_value = "provider-key",
        value_enum
    )]
    pub auth: Accepted,
    /// Whoever reaches the address may ask, with any key that the model API takes, though the address is not one of this
    /// machine alone. Without it Sluice does not start so.
    #[arg(
        long,
        env = "SLUICE_ALLOW_ANONYMOUS",
        value_parser = FalseyValueParser::new()
    )]
    pub allow_anonymous: bool,
    /// The file that holds the key for Anthropic's API, or for what speaks like it. It is read at the start.
    #[arg(long)]
    #[arg(env = "SLUICE_ANTHROPIC_KEY_FILE", value_name = "FILE")]
    #[schemars(with = "String")]
    pub anthropic_key_file: Option<MaybePath>,
    /// The environment variable that holds that key if no file is named. If there is none, upstream is asked without a
    /// key.
    #[arg(
        long,
        env = "SLUICE_ANTHROPIC_KEY_ENV",
        value_name = "NAME",
        default_value = "ANTHROPIC_API_KEY"
    )]
    pub anthropic_key_env: String,
    /// The file that holds the key for `OpenAI`'s API, or for what speaks like it. It is read at the start.
    #[arg(long)]
    #[arg(env = "SLUICE_OPENAI_KEY_FILE", value_name = "FILE")]
    #[schemars(with = "String")]
    pub openai_key_file: Option<MaybePath>,
    /// The environment variable that holds that key if no file is named. If there is none, upstream is asked without a
    /// key.
    #[arg(
        long,
        env = "SLUICE_OPENAI_KEY_ENV",
        value_name = "NAME",
        default_value = "OPENAI_API_KEY"
    )]
    pub openai_key_env: String,
}
