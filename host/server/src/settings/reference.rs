//! The reference page of the settings.

use std::fmt::Write as _;

use super::table::{self, Setting};

/// What stands above the settings.
const HEAD: &str = "\
# Settings

<!-- Written by `sluice config schema --settings --markdown`. Change the documentation of the fields, then run `cargo xtask docs`. -->

Each setting of `sluice serve` has a flag, an environment variable and a key in the settings file. A flag has precedence over the
variable, the variable over the file, and the file over the default. `sluice config show` prints every value with where it came from.

The settings file is YAML. It is the one that `--config` names, else `$XDG_CONFIG_HOME/sluice/sluice.yaml` or
`~/.config/sluice/sluice.yaml`. A relative path in it begins at the folder of the file. `sluice config example` prints a file with every
setting, and `sluice config schema --settings` the JSON Schema for your editor. An unknown key is an error, and so is a variable whose
name begins with `SLUICE_` and is close to that of a setting. Other unknown variables that begin so are named in the log: systems such as
Kubernetes set some of their own.

The policies have [a file of their own](policy-file.md), because it is read again whenever it changes. Settings are read at the start.
";

/// The page: Markdown, with a line feed at the end.
pub fn reference() -> String {
    let mut page = HEAD.to_owned();
    let mut group = None;
    for setting in table::all() {
        if setting.group != group {
            group.clone_from(&setting.group);
            let heading = group.as_deref().unwrap_or_default();
            write!(page, "\n## {heading}\n").expect("a string takes everything");
        }
        describe(&mut page, &setting);
    }
    page
}

fn describe(page: &mut String, setting: &Setting) {
    let value = setting.value_name().map(|name| format!(" {name}"));
    let facts = [
        (
            "flag",
            Some(format!("--{}{}", setting.flag(), value.unwrap_or_default())),
        ),
        ("variable", Some(setting.variable().to_owned())),
        (
            "in the file",
            setting.is_in_files().then(|| setting.key.clone()),
        ),
        ("default", setting.default()),
        ("bounds", bounds(setting)),
    ];
    let key = &setting.key;
    write!(page, "\n### `{key}`\n\n{}\n\n", setting.about).expect("a string takes everything");
    page.push_str("| | |\n| --- | --- |\n");
    for (what, fact) in facts {
        if let Some(fact) = fact {
            writeln!(page, "| {what} | `{fact}` |").expect("a string takes everything");
        }
    }
}

/// The least and the most that a number may be.
fn bounds(setting: &Setting) -> Option<String> {
    let number = |name: &str| setting.schema[name].as_u64();
    Some(format!("{} to {}", number("minimum")?, number("maximum")?))
}
