//! Schemas from files that the user names: `.proto` sources and descriptor sets.
//!
//! Sources are compiled by protox, which brings the well-known types along. What is wrong is said with
//! the file, the line and the column, and where a file was looked for.

mod mended;
mod misplaced;
mod option_sets;
mod source_text;
mod sources;
mod type_ids;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{Discovery, Files, LeftOut, SchemaError, Source, contract, descriptors};

/// The largest file that is read, in bytes.
const MAX_FILE: u64 = 64 << 20;

/// The files that say what can be called, as they were named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NamedFiles {
    /// `.proto` sources: as they stand in a folder of imports, or as a path that leads into one.
    pub sources: Vec<PathBuf>,
    /// Where imports are looked for, in this order. Without any: the current folder, then the folders of the
    /// sources.
    pub import_paths: Vec<PathBuf>,
    /// Encoded `FileDescriptorSet`s, as `protoc --include_imports --descriptor_set_out=…` writes them.
    pub sets: Vec<PathBuf>,
}

/// What the files say.
#[derive(Debug, Clone)]
pub struct Named {
    /// What can be called, and what cannot: services in the order of their names, of a source only those that it
    /// declares itself.
    pub offered: Discovery,
    /// The files that were named.
    paths: Vec<PathBuf>,
    /// Encoded `FileDescriptorProto`s.
    encoded: Vec<Vec<u8>>,
}

/// Why files say nothing that can be called. `Display` is one sentence; foreign text.
#[derive(Debug, thiserror::Error)]
pub enum NamedError {
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is too large to be a schema.
    #[error("{} is larger than {}", path.display(), crate::text::size(MAX_FILE))]
    TooLarge {
        /// Which.
        path: PathBuf,
    },
    /// A source, or a file that it imports, is nowhere.
    #[error("{place}{name} is not found; looked for in {}", folders(.searched))]
    NotFound {
        /// Where it is imported: `a.proto:3:1: `. Empty for a file that the user named.
        place: String,
        /// Its name, as it is imported.
        name: String,
        /// Where it was looked for.
        searched: Vec<PathBuf>,
    },
    /// Where imports are to be looked for there is no folder.
    #[error("there is no folder {}", .0.display())]
    NoFolder(PathBuf),
    /// A source is written in an edition.
    #[error(
        "{place}: .proto files in an edition cannot be compiled here; make a descriptor set with \
         `protoc{folders} --include_imports --descriptor_set_out=FILE {root}`, and name that with --protoset FILE in \
         place of {root}"
    )]
    Edition {
        /// `a.proto:3:1`.
        place: String,
        /// The source that was named, which may only import that one.
        root: String,
        /// ` -I a -I b`: where imports are looked for, if not where one is.
        folders: String,
    },
    /// A source is wrong: `a.proto:3:1: name 'B' is not defined`.
    #[error("{0}")]
    Source(String),
    /// A descriptor set is none, or a part of one cannot be used.
    #[error("{}: {cause}", path.display())]
    Set {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: SchemaError,
    },
    /// A service cannot be used.
    #[error("{service} cannot be used: {cause}{}", .cause.to_do())]
    Service {
        /// Its full name.
        service: String,
        /// Why.
        cause: SchemaError,
    },
    /// There is no service in any of them.
    #[error("there is no service in {}", folders(.files))]
    NoService {
        /// The files that were named.
        files: Vec<PathBuf>,
    },
}

impl NamedFiles {
    /// Whether no file is named.
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty() && self.sets.is_empty()
    }

    /// The same files by names that hold in every folder, also for who knows no other folders of imports than those
    /// that are named.
    #[must_use]
    pub fn from_everywhere(&self) -> Self {
        let absolute = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
        let folders = sources::folders(&self.sources, &self.import_paths);
        // A source may stand in a folder of imports by no more than its name there.
        let source = |path: &PathBuf| if path.is_file() { absolute(path) } else { path.clone() };
        Self {
            sources: self.sources.iter().map(source).collect(),
            import_paths: if self.sources.is_empty() {
                Vec::new()
            } else {
                folders.iter().map(absolute).collect()
            },
            sets: self.sets.iter().map(absolute).collect(),
        }
    }

    /// Reads all files. Blocks for as long as the disk does.
    pub fn read(&self) -> Result<Named, NamedError> {
        let (mut encoded, mut services) = (Vec::new(), Vec::new());
        for path in &self.sets {
            let broken = |cause| NamedError::Set { path: path.clone(), cause };
            let set = descriptors::split_set(&read(path)?).map_err(broken)?;
            let files = descriptors::decode_all(&set).map_err(broken)?;
            services.extend(contract::declared_services(&files).into_keys());
            encoded.extend(set);
        }
        if let Some(missing) = self.import_paths.iter().find(|path| !path.is_dir()) {
            return Err(NamedError::NoFolder(missing.clone()));
        }
        if let Some(folder) = self.sources.iter().find(|path| path.is_dir()) {
            let source = io::ErrorKind::IsADirectory.into();
            return Err(NamedError::Unreadable { path: folder.clone(), source });
        }
        if !self.sources.is_empty() {
            let compiled = sources::compile(&self.sources, &self.import_paths)?;
            services.extend(contract::declared_services(&compiled.named).into_keys());
            encoded.extend(compiled.all);
        }
        let files = descriptors::decode_all(&encoded)
            .map_err(|cause| NamedError::Service { service: "what was compiled".to_owned(), cause })?;
        let found = contract::from_files(files, services.iter().map(String::as_str), Source::File);
        let mut offered = Discovery::default();
        for (service, contract) in found {
            match contract {
                Ok(contract) => offered.contracts.push(contract),
                Err(why) => offered.left_out.push(LeftOut { service, why }),
            }
        }
        match offered.left_out.first() {
            Some(LeftOut { service, why }) if offered.contracts.is_empty() => {
                return Err(NamedError::Service { service: service.clone(), cause: why.clone() });
            }
            _ => {}
        }
        Ok(Named { offered, paths: self.sources.iter().chain(&self.sets).cloned().collect(), encoded })
    }
}

impl Named {
    /// Whether anything can be called. Without a service there is nothing to call, but messages to look at.
    pub fn need_services(&self) -> Result<(), NamedError> {
        if self.offered.contracts.is_empty() {
            Err(NamedError::NoService { files: self.paths.clone() })
        } else {
            Ok(())
        }
    }

    /// The files themselves and what they import, for who wants to see them.
    pub fn files(&self) -> Files {
        let mut files = Files::canonical();
        self.encoded.iter().for_each(|file| files.add_or_tell(file));
        files.with_all_well_known()
    }
}

fn read(path: &Path) -> Result<Vec<u8>, NamedError> {
    let unreadable = |source| NamedError::Unreadable { path: path.to_owned(), source };
    if fs::metadata(path).map_err(unreadable)?.len() > MAX_FILE {
        return Err(NamedError::TooLarge { path: path.to_owned() });
    }
    fs::read(path).map_err(unreadable)
}

/// `a, b and c`.
fn folders(paths: &[PathBuf]) -> String {
    let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => "nothing".to_owned(),
    }
}
