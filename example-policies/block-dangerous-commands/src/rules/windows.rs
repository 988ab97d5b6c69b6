//! Commands that only Windows has, each for the group that it belongs to.
//!
//! Commands of PowerShell and `cmd` with a Unix counterpart are reported under its name: `rd /s` is
//! an `rm -r` here.

use sluice_policy_shell::{Base, Path, Scene, marks};

use super::system::gateway;
use crate::finding::Finding;
use crate::rules::Rules;

/// The commands to look for in a text that can't be parsed.
pub(super) const NAMES: &[&str] = &[
    "vssadmin",
    "wbadmin",
    "diskpart",
    "icacls",
    "taskkill",
    "reg",
    "format-volume",
    "clear-disk",
    "Format-Volume",
    "Clear-Disk",
];

/// Folders of a drive without which Windows does not start.
const SYSTEM_FOLDERS: &[&str] = &[
    "windows",
    "program files",
    "program files (x86)",
    "users",
    "boot",
];

/// Whether the path is a drive, or one of the folders that Windows needs.
pub(super) fn is_system_folder(path: &Path) -> bool {
    match on_drive(path) {
        Some([]) => true,
        Some([folder]) => SYSTEM_FOLDERS.contains(&folder.to_lowercase().as_str()),
        Some([windows, folder]) => {
            windows.eq_ignore_ascii_case("windows") && folder.eq_ignore_ascii_case("system32")
        }
        _ => false,
    }
}

/// Whether the path is a file that Windows needs.
pub(super) fn is_system_file(path: &Path) -> bool {
    on_drive(path).is_some_and(|names| match names {
        [windows, folder, _, ..] => {
            windows.eq_ignore_ascii_case("windows") && folder.eq_ignore_ascii_case("system32")
        }
        [file] => ["bootmgr", "ntldr", "pagefile.sys"].contains(&file.to_lowercase().as_str()),
        _ => false,
    })
}

/// The names behind the drive; of a path that climbs, those from the folder of Windows on.
fn on_drive(path: &Path) -> Option<&[String]> {
    let (first, names) = path.components.split_first()?;
    match path.base {
        Base::Root => first.ends_with(':').then_some(names),
        Base::Above => first
            .eq_ignore_ascii_case("windows")
            .then_some(path.components.as_slice()),
        Base::Start | Base::Home | Base::Unknown => None,
    }
}

/// Judges commands that delete backups.
pub(super) fn filesystem(name: &str, argv: &[String]) -> Option<Finding> {
    let has = |word: &str| has(argv, word);
    let is_backup = match name {
        "vssadmin" => has("delete") && has("shadows") || has("resize"),
        "wbadmin" => has("delete"),
        "wmic" => has("shadowcopy") && has("delete"),
        "remove-wmiobject" | "remove-ciminstance" | "disable-computerrestore" => {
            name.starts_with("disable") || argv.iter().any(|word| contains(word, "shadowcopy"))
        }
        _ => false,
    };
    is_backup.then(|| {
        let message = "This would delete the backups that Windows keeps of this machine.";
        Finding::new("filesystem.backups", message.to_owned(), argv)
    })
}

/// Judges commands that format disks or change how the machine starts.
pub(super) fn disk(name: &str, argv: &[String]) -> Option<Finding> {
    let arguments = argv.get(1..).unwrap_or_default();
    let erases = match name {
        "format-volume" | "clear-disk" | "initialize-disk" | "remove-partition"
        | "reset-physicaldisk" | "set-partition" | "remove-virtualdisk" => true,
        "diskpart" => !arguments.is_empty(),
        "cipher" => arguments.iter().any(|word| starts(word, "/w")),
        "format.com" => arguments.iter().any(|word| word.ends_with(':')),
        "wsl" => has(argv, "--unregister"),
        "bcdedit" => ["/delete", "/set", "/deletevalue", "/import"]
            .iter()
            .any(|option| has(argv, option)),
        _ => false,
    };
    erases.then(|| {
        let message = format!(
            "`{}` would erase a disk, or keep this machine from starting.",
            argv[0]
        );
        Finding::new("disk.device-write", message, argv)
    })
}

/// Judges commands that open up system paths or take ownership of them.
pub(super) fn permissions(name: &str, argv: &[String], scene: &Scene) -> Option<Finding> {
    let arguments = argv.get(1..).unwrap_or_default();
    let target = arguments.iter().find(|word| {
        !starts(word, "/") && {
            let path = scene.path(word);
            is_system_folder(&path) || is_system_file(&path) || is_in_system(&path)
        }
    })?;
    let opens = match name {
        "icacls" | "cacls" | "xcacls" => {
            let grants = ["/grant", "/grant:r", "/g", "/reset", "/setowner", "/remove"];
            let everyone = ["everyone", "*s-1-1-0", "users", "authenticated users"];
            let is_open = arguments
                .iter()
                .any(|word| everyone.iter().any(|who| starts(word, &format!("{who}:"))));
            let is_changed = grants.iter().any(|option| has(argv, option));
            is_changed && (is_open || has(argv, "/t"))
        }
        "takeown" => true,
        _ => false,
    };
    opens.then(|| {
        let shown = marks::display(target);
        let message = format!("This would open `{shown}`, a system path, to others.");
        Finding::new("permissions.world-writable", message, argv)
    })
}

fn is_in_system(path: &Path) -> bool {
    on_drive(path)
        .and_then(<[String]>::first)
        .is_some_and(|first| SYSTEM_FOLDERS[..3].contains(&first.to_lowercase().as_str()))
}

/// Judges commands that end the gateway, or delete what the system needs from the registry.
pub(super) fn system(name: &str, argv: &[String], rules: &Rules) -> Option<Finding> {
    let names_gateway = || {
        argv.iter().skip(1).any(|word| {
            let word = word.to_lowercase();
            let is_pattern = word.len() > 1 && word.ends_with('*');
            let stem = word.trim_end_matches('*');
            rules.gateway_names.iter().any(|gateway| {
                word.contains(gateway.as_str()) || is_pattern && gateway.starts_with(stem)
            })
        })
    };
    match name {
        "taskkill" | "tskill" if names_gateway() => Some(gateway(argv)),
        "sc" | "net" | "nssm" | "wmic" if names_gateway() => {
            let stops = [
                "stop",
                "delete",
                "pause",
                "config",
                "remove",
                "terminate",
                "restart",
            ];
            stops
                .iter()
                .any(|verb| has(argv, verb))
                .then(|| gateway(argv))
        }
        "reg" if has(argv, "delete") => registry(argv),
        _ => None,
    }
}

fn registry(argv: &[String]) -> Option<Finding> {
    let key = argv.get(2)?.to_lowercase().replace('/', "\\");
    let key = key
        .trim_start_matches("registry::")
        .replacen(":\\", "\\", 1);
    let mut names = key.split('\\').filter(|name| !name.is_empty());
    let root = names.next()?.trim_end_matches(':').to_owned();
    let depth = names.count();
    let is_users = ["hkcu", "hkey_current_user"].contains(&root.as_str());
    // A program's own settings lie under HKCU\Software\NAME.
    let is_found = !is_users || depth < 3;
    is_found.then(|| {
        let message = format!(
            "This would delete `{}` from the registry, which Windows needs.",
            argv[2]
        );
        Finding::new("system.registry", message, argv)
    })
}

/// Whether the command downloads something and runs it without saving it.
pub(super) fn runs_download(name: &str, argv: &[String]) -> bool {
    let has_address = argv
        .iter()
        .any(|word| contains(word, "http://") || contains(word, "https://"));
    match name {
        "mshta" | "regsvr32" | "msiexec" | "rundll32" => has_address,
        _ => false,
    }
}

fn has(argv: &[String], word: &str) -> bool {
    argv.iter()
        .skip(1)
        .any(|own| own.eq_ignore_ascii_case(word))
}

fn starts(word: &str, start: &str) -> bool {
    word.to_lowercase().starts_with(start)
}

fn contains(word: &str, part: &str) -> bool {
    word.to_lowercase().contains(part)
}
