//! A file that a call or a command writes.

use sluice_policy_shell::Path;

/// A file that a call or a command writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The file, as it is named there.
    pub path: String,
    /// What is written or added to it, as far as it is known.
    pub content: Option<String>,
}

impl Written {
    /// Returns the file as a path from the folder in which the agent works. Variables that name the
    /// user's home count as it.
    #[must_use]
    pub fn to_path(&self) -> Path {
        let text = self.path.strip_prefix("file://").unwrap_or(&self.path);
        let text = text.replace('\\', "/");
        let home = ["$HOME/", "${HOME}/", "%USERPROFILE%/", "$env:USERPROFILE/"];
        let rest = home.iter().find_map(|home| text.strip_prefix(home));
        let text = rest.map_or(text.clone(), |rest| format!("~/{rest}"));
        Path::start().join(&text)
    }
}
