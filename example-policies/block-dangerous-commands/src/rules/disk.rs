//! Formatting, and writes to raw devices.

use sluice_policy_shell::{Base, Options, Path, Scene, Write, marks, matches};

use crate::finding::Finding;

/// Commands that this group judges, to be looked for in long texts.
pub(super) const NAMES: &[&str] = &[
    "dd",
    "shred",
    "wipefs",
    "parted",
    "fdisk",
    "sfdisk",
    "sgdisk",
    "diskutil",
    "blkdiscard",
    "cryptsetup",
    "lvremove",
    "vgremove",
    "pvremove",
    "zpool",
    "zfs",
    "nvme",
    "mkfs*",
    "mke2fs",
    "newfs",
];

/// Names in `/dev` that are no disks.
const HARMLESS: &[&str] = &[
    "null",
    "zero",
    "full",
    "random",
    "urandom",
    "tty",
    "stdin",
    "stdout",
    "stderr",
    "fd",
    "shm",
    "pts",
    "ptmx",
    "console",
    "tcp",
    "udp",
    "log",
    "mqueue",
    "snd",
    "dri",
    "input",
    "kmsg",
    "fuse",
    "net",
    "kvm",
    "video0",
    "hugepages",
    "vhost-net",
];

/// What in `/dev` is certainly a disk.
const DISKS: &[&str] = &[
    "sd?*", "hd?", "vd?*", "xvd?*", "nvme*", "mmcblk*", "disk?*", "rdisk?*", "mapper", "md?*",
    "dm-*",
];

/// Those options of `sgdisk` that write a partition table.
const SGDISK_WRITES: [&str; 11] = [
    "-Z",
    "-z",
    "--zap",
    "--zap-all",
    "-o",
    "--clear",
    "-d",
    "--delete",
    "-n",
    "--new",
    "-g",
];

pub(super) fn judge(name: &str, argv: &[String], scene: &Scene) -> Option<Finding> {
    let arguments = &argv[1..];
    let has = |flags: &[&str]| arguments.iter().any(|word| flags.contains(&word.as_str()));
    let on_device = || arguments.iter().any(|word| is_device(word, scene));
    let is_format = match name {
        "format" => arguments
            .iter()
            .any(|word| word.len() == 2 && word.ends_with(':')),
        "dd" | "dcfldd" | "dc3dd" => arguments.iter().any(|word| {
            word.strip_prefix("of=")
                .is_some_and(|target| is_device(target, scene))
        }),
        "cp" | "tee" | "install" | "ddrescue" | "pv" | "truncate" => {
            let options = Options::read(arguments, &[]);
            let targets = match name {
                "tee" | "truncate" => options.operands.as_slice(),
                _ => options.operands.get(1..).unwrap_or_default(),
            };
            targets.iter().any(|word| is_device(word, scene))
        }
        "shred" | "mkswap" | "badblocks" => {
            on_device() && (name != "badblocks" || has(&["-w", "-n", "-wsv", "-ws", "-wv"]))
        }
        "wipefs" => {
            Options::read(arguments, &["-t"]).has(&["-a", "-o", "--all", "--offset"])
                && !has(&["-n", "--no-act"])
        }
        "parted" => {
            has(&[
                "mklabel",
                "mktable",
                "mkpart",
                "rm",
                "resizepart",
                "mkpartfs",
            ]) || has(&["-s"]) && arguments.iter().any(|word| word.contains("mklabel"))
        }
        "fdisk" | "sfdisk" | "cfdisk" | "gdisk" => {
            on_device() && !has(&["-l", "--list", "-d", "--dump", "-s", "-V", "--verify", "-J"])
        }
        "sgdisk" => Options::read(arguments, &["-p"]).has(&SGDISK_WRITES),
        "diskutil" => {
            let verb = arguments
                .first()
                .map(|verb| verb.to_ascii_lowercase())
                .unwrap_or_default();
            let verbs = [
                "erase",
                "partition",
                "zero",
                "secureerase",
                "randomdisk",
                "reformat",
            ];
            verbs.iter().any(|start| verb.starts_with(start))
                || verb == "apfs" && arguments.iter().any(|word| word.starts_with("delete"))
        }
        "blkdiscard" | "pvremove" | "vgremove" | "lvremove" => true,
        "cryptsetup" => has(&["luksFormat", "luksErase", "erase", "reencrypt"]),
        "zpool" => has(&["destroy", "labelclear"]),
        "zfs" => has(&["destroy"]) && !has(&["-n", "-nv"]),
        "mdadm" => has(&["--zero-superblock"]),
        "hdparm" => arguments
            .iter()
            .any(|word| word.starts_with("--security-erase")),
        "nvme" => has(&["format", "sanitize"]),
        _ if is_formatter(name) => {
            // File systems in plain files are made every day, for images and tests.
            let target =
                Options::read(arguments, &["-t", "-L", "-n", "-F", "-b", "-N", "-O", "-m"]);
            let mut targets = target.operands.iter();
            !has(&["-N"]) && targets.any(|word| is_device(word, scene) || marks::is_open(word))
        }
        _ => false,
    };
    is_format.then(|| finding(name, argv))
}

/// Judges a file that is written.
pub(super) fn written(write: &Write<'_>) -> Option<Finding> {
    let is_found = names_device(write.path);
    is_found.then(|| finding("this redirection", write.argv))
}

/// Whether the command makes file systems.
pub(super) fn is_formatter(name: &str) -> bool {
    name.starts_with("mkfs")
        || name.starts_with("newfs")
        || matches!(name, "mke2fs" | "mkntfs" | "mkdosfs")
}

fn is_device(text: &str, scene: &Scene) -> bool {
    names_device(&scene.path(text))
}

fn names_device(path: &Path) -> bool {
    let [dev, name, ..] = path.components.as_slice() else {
        return false;
    };
    let is_device = match path.base {
        Base::Root => {
            !HARMLESS.contains(&name.as_str())
                && !name.starts_with("tty")
                && !name.starts_with("video")
        }
        // Projects have folders named `dev` too, with other things in them.
        Base::Above => DISKS.iter().any(|disk| matches(disk, name)),
        Base::Start | Base::Home | Base::Unknown => false,
    };
    dev == "dev" && is_device
}

fn finding(name: &str, argv: &[String]) -> Finding {
    let message = match name {
        "this redirection" => "This would overwrite a device directly.".to_owned(),
        name => format!("`{name}` would erase or overwrite a disk here."),
    };
    Finding::new("disk.device-write", message, argv)
}
