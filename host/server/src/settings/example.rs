//! Examples to start from: every setting with its default, commented out.

use std::fmt::Write as _;

use super::table::{self, Setting};

/// A settings file that sets nothing and shows everything.
pub fn yaml_example() -> String {
    let mut file = String::from(
        "# The settings of Sluice. Each line shows the default. `sluice config show` prints what is in force.\n",
    );
    let mut section = "";
    let settings = table::all();
    for setting in settings.iter().filter(|setting| setting.is_in_files()) {
        let (above, key) = setting.key.rsplit_once('.').unwrap_or(("", &setting.key));
        if above != section {
            section = above;
            if !section.is_empty() {
                write!(file, "\n# {section}:\n").expect("a string takes everything");
            }
        }
        about(&mut file, setting);
        let indent = if section.is_empty() { "" } else { "  " };
        let value = setting.default().unwrap_or_default();
        let line = format!("# {indent}{key}: {value}");
        writeln!(file, "{}", line.trim_end()).expect("a string takes everything");
    }
    file
}

/// A file of environment variables, as container runtimes and systemd read them, that sets nothing and shows everything.
pub fn env_example() -> String {
    let mut file = String::from(
        "# The environment variables of Sluice. Each line shows the default. docs/settings.md has the details.\n",
    );
    for setting in &table::all() {
        about(&mut file, setting);
        let value = setting.default().unwrap_or_default();
        writeln!(file, "# {}={value}", setting.variable()).expect("a string takes everything");
    }
    file
}

/// The first sentence of its documentation.
fn about(file: &mut String, setting: &Setting) {
    let text = setting.about.replace('\n', " ");
    let sentence = text.split_inclusive(". ").next().unwrap_or_default();
    write!(file, "\n# {}\n", sentence.trim_end()).expect("a string takes everything");
}
