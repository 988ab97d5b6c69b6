//! Names and aliases of cmdlets.

/// The aliases that PowerShell defines on Windows.
const ALIASES: &[(&str, &str)] = &[
    ("%", "foreach-object"),
    ("?", "where-object"),
    ("ac", "add-content"),
    ("cat", "get-content"),
    ("cd", "set-location"),
    ("chdir", "set-location"),
    ("clc", "clear-content"),
    ("clp", "clear-itemproperty"),
    ("copy", "copy-item"),
    ("cp", "copy-item"),
    ("cpi", "copy-item"),
    ("del", "remove-item"),
    ("dir", "get-childitem"),
    ("echo", "write-output"),
    ("erase", "remove-item"),
    ("foreach", "foreach-object"),
    ("gc", "get-content"),
    ("gci", "get-childitem"),
    ("gcim", "get-ciminstance"),
    ("gi", "get-item"),
    ("gps", "get-process"),
    ("gsv", "get-service"),
    ("gwmi", "get-wmiobject"),
    ("icm", "invoke-command"),
    ("iex", "invoke-expression"),
    ("ii", "invoke-item"),
    ("irm", "invoke-restmethod"),
    ("iwmi", "invoke-wmimethod"),
    ("iwr", "invoke-webrequest"),
    ("kill", "stop-process"),
    ("ls", "get-childitem"),
    ("md", "mkdir"),
    ("mi", "move-item"),
    ("move", "move-item"),
    ("mv", "move-item"),
    ("ni", "new-item"),
    ("popd", "pop-location"),
    ("ps", "get-process"),
    ("pushd", "push-location"),
    ("pwd", "get-location"),
    ("rd", "remove-item"),
    ("ren", "rename-item"),
    ("ri", "remove-item"),
    ("rm", "remove-item"),
    ("rmdir", "remove-item"),
    ("rni", "rename-item"),
    ("rp", "remove-itemproperty"),
    ("rwmi", "remove-wmiobject"),
    ("rvpa", "resolve-path"),
    ("saps", "start-process"),
    ("sajb", "start-job"),
    ("sal", "set-alias"),
    ("nal", "set-alias"),
    ("new-alias", "set-alias"),
    ("sasv", "start-service"),
    ("sc", "set-content"),
    ("select", "select-object"),
    ("set", "set-variable"),
    ("new-variable", "set-variable"),
    ("sv", "set-variable"),
    ("nv", "set-variable"),
    ("si", "set-item"),
    ("sl", "set-location"),
    ("sleep", "start-sleep"),
    ("sort", "sort-object"),
    ("sp", "set-itemproperty"),
    ("spps", "stop-process"),
    ("spsv", "stop-service"),
    ("start", "start-process"),
    ("tee", "tee-object"),
    ("type", "get-content"),
    ("where", "where-object"),
    ("write", "write-output"),
];

/// Aliases that are programs on systems other than Windows, with options of their own.
const PROGRAMS: &[&str] = &[
    "cat", "cp", "kill", "ls", "mv", "ps", "rm", "rmdir", "sleep", "sort", "tee",
];

/// Returns a cmdlet's name in lower case, for any alias, module prefix or case.
pub(super) fn canonical(name: &str) -> String {
    let name = name.to_lowercase();
    let bare = match name.rsplit_once('\\') {
        Some((module, bare)) if module.starts_with("microsoft.powershell.") => bare,
        _ => &name,
    };
    let found = ALIASES.iter().find(|(alias, _)| *alias == bare);
    found.map_or(bare, |(_, cmdlet)| *cmdlet).to_owned()
}

/// Whether the name is also a program's on systems other than Windows.
pub(super) fn is_program_too(name: &str) -> bool {
    PROGRAMS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_modules_and_case_make_no_difference() {
        for name in [
            "ri",
            "RM",
            "Remove-Item",
            "Microsoft.PowerShell.Management\\remove-item",
        ] {
            assert_eq!(canonical(name), "remove-item");
        }
        assert_eq!(canonical("git"), "git");
    }
}
