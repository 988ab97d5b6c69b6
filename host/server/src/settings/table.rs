//! The settings as a table: what the file, the documentation and the examples go by.

use std::any::TypeId;

use clap::{Arg, ArgAction, Args as _, Command};
use schemars::schema_for;
use serde_json::Value;

use super::Settings;
use super::database::Database;
use super::kinds::MaybePath;

/// Settings that no settings file can have, because they say where it is.
const NOT_IN_FILES: [&str; 1] = ["config"];

/// One setting.
pub(super) struct Setting {
    /// Its key in the settings file. A key of a section has the section's name and a dot in front.
    pub(super) key: String,
    /// The heading of its group. `None` for those that every operator wants to know.
    pub(super) group: Option<String>,
    /// Its documentation, in Markdown.
    pub(super) about: String,
    /// What the schema says of its values.
    pub(super) schema: Value,
    arg: Arg,
}

/// All settings, in the order of their declaration.
pub(super) fn all() -> Vec<Setting> {
    let schema = schema_for!(Settings);
    let command = Settings::augment_args(Command::new("sluice"));
    let arguments = command.get_arguments();
    arguments
        .map(|arg| Setting::new(arg.clone(), schema.as_value()))
        .collect()
}

impl Setting {
    fn new(arg: Arg, schemas: &Value) -> Self {
        let key = arg.get_id().as_str().to_owned();
        let place = format!("/properties/{}", key.replace('.', "/properties/"));
        let schema = schemas.pointer(&place).cloned().unwrap_or_default();
        let help = arg.get_long_help().or(arg.get_help());
        let about = match schema["description"].as_str() {
            Some(about) => about.to_owned(),
            None => help.map(ToString::to_string).unwrap_or_default(),
        };
        Self {
            key,
            group: arg.get_help_heading().map(str::to_owned),
            about,
            schema,
            arg,
        }
    }

    /// Its flag, without the dashes.
    pub(super) fn flag(&self) -> &str {
        self.arg.get_long().expect("each setting has a flag")
    }

    /// Its environment variable.
    pub(super) fn variable(&self) -> &str {
        let variable = self.arg.get_env().and_then(|name| name.to_str());
        variable.expect("each setting has a variable")
    }

    /// What stands for its value in help texts: `SECONDS`.
    pub(super) fn value_name(&self) -> Option<&str> {
        let names = self.arg.get_value_names()?;
        (!self.is_switch()).then(|| names.first().map(|name| name.as_str()))?
    }

    /// Its default as one would write it. `None` if nothing, or something that depends on the machine, is the default.
    pub(super) fn default(&self) -> Option<String> {
        let values = self.arg.get_default_values().iter();
        let values: Vec<_> = values.map(|value| value.to_string_lossy()).collect();
        match self.is_switch() {
            true => Some("false".to_owned()),
            false => (!values.is_empty()).then(|| values.join(",")),
        }
    }

    /// Whether it may stand in a settings file.
    pub(super) fn is_in_files(&self) -> bool {
        !NOT_IN_FILES.contains(&self.key.as_str())
    }

    /// Whether it is on or off.
    pub(super) fn is_switch(&self) -> bool {
        matches!(self.arg.get_action(), ArgAction::SetTrue)
    }

    /// Whether it may have several values.
    pub(super) fn is_list(&self) -> bool {
        matches!(self.arg.get_action(), ArgAction::Append)
    }

    /// Whether it is a path. In a settings file, a relative one begins at the folder of the file.
    pub(super) fn is_path(&self) -> bool {
        let kind = self.arg.get_value_parser().type_id();
        kind == TypeId::of::<MaybePath>() || kind == TypeId::of::<Database>()
    }

    /// Whether its value may be printed nowhere.
    pub(super) fn is_secret(&self) -> bool {
        self.arg.is_hide_env_values_set()
    }

    /// Reads a value as the command line would. The error says what is wrong with it.
    pub(super) fn check(&self, value: &str) -> Result<(), String> {
        let arg = self.arg.clone().env(None::<&str>);
        let command = Command::new("sluice").no_binary_name(true).arg(arg);
        let written = format!("--{}={value}", self.flag());
        let checked = command.try_get_matches_from([written]);
        checked.map(drop).map_err(|error| {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            cause.unwrap_or_else(|| self.expectation(value))
        })
    }

    /// What is wrong with a value that is none of those that there are.
    fn expectation(&self, value: &str) -> String {
        let possible = self.arg.get_possible_values();
        let names: Vec<_> = possible
            .iter()
            .map(clap::builder::PossibleValue::get_name)
            .collect();
        crate::yaml::unknown("value", value, &names)
    }
}
