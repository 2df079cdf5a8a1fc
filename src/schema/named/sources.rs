//! `.proto` sources, compiled by protox.

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    path::{Component, Path, PathBuf},
    rc::Rc,
};

use prost_reflect::ExtensionDescriptor;
use prost_types::FileDescriptorProto;
use protox::{
    Compiler, Error,
    file::{ChainFileResolver, File, FileMetadata, FileResolver, GoogleFileResolver},
};

use super::{
    super::lexer::line_and_column,
    NamedError, SchemaError, descriptors,
    mended::{Mended, in_proto3, mended},
    misplaced::misplaced,
    option_sets::with_items,
    read,
    source_text::{compilable, edition},
    type_ids::{TypeIds, own_number, stood_in},
};

/// What became of sources.
pub(super) struct Compiled {
    /// The files that were named.
    pub(super) named: Vec<FileDescriptorProto>,
    /// These and all that they import, encoded: options and comments too.
    pub(super) all: Vec<Vec<u8>>,
}

/// Compiles sources and what they import.
pub(super) fn compile(sources: &[PathBuf], import_paths: &[PathBuf]) -> Result<Compiled, NamedError> {
    let folders = folders(sources, import_paths);
    compile_as(Form::Written, sources, &folders).or_else(|error| match error {
        // What is still wrong then is wrong with everybody.
        NamedError::Source(_) => compile_as(Form::Mended, sources, &folders),
        error => Err(error),
    })
}

/// What of a source is given to the compiler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Its text, as far as the compiler reads such.
    Written,
    /// What was read of its text, [mended].
    Mended,
}

fn compile_as(form: Form, sources: &[PathBuf], folders: &[PathBuf]) -> Result<Compiled, NamedError> {
    let opened = Rc::new(RefCell::new(Opened::default()));
    let mut resolver = ChainFileResolver::new();
    resolver.add(Folders { form, paths: folders.to_vec(), opened: Rc::clone(&opened) });
    resolver.add(GoogleFileResolver::new());
    let mut compiler = Compiler::with_file_resolver(resolver);
    compiler.include_imports(true).include_source_info(true);
    for source in sources {
        compiler.open_file(source).map_err(|error| {
            let mut opened = opened.borrow_mut();
            match opened.refused.take() {
                // What we know better than protox.
                Some(Refused::Edition(place)) => in_an_edition(place, source, folders),
                Some(Refused::Because(why)) => why,
                None => in_words(&error, source, folders, &opened.type_ids),
            }
        })?;
    }
    let is_named: HashSet<&str> =
        compiler.files().filter(|file| !file.is_import()).map(FileMetadata::name).collect();
    let files = compiler.file_descriptor_set().file;
    let named = files.into_iter().filter(|file| is_named.contains(file.name())).collect();
    let (opened, pool) = (opened.borrow(), compiler.descriptor_pool());
    if !opened.type_ids.is_empty()
        && let Some(wrong) = misplaced(&opened.type_ids, &pool)
    {
        return Err(NamedError::Source(wrong));
    }
    let undone = |error: SchemaError| NamedError::Source(error.to_string());
    let mut all = descriptors::split_set(&compiler.encode_file_descriptor_set()).map_err(undone)?;
    for (file, encoded) in compiler.files().zip(&mut all) {
        if opened.as_proto2.contains(file.name()) {
            *encoded = in_proto3(encoded);
        }
        let number =
            |extension: &ExtensionDescriptor| own_number(&opened.type_ids, extension).cast_unsigned();
        if let Some(changed) = with_items(encoded, &pool, number) {
            *encoded = changed;
        }
        if let Some(ids) = opened.type_ids.get(file.name()) {
            *encoded = ids.restored(encoded).map_err(undone)?;
        }
    }
    Ok(Compiled { named, all })
}

/// Where imports are looked for.
pub(super) fn folders(sources: &[PathBuf], import_paths: &[PathBuf]) -> Vec<PathBuf> {
    if !import_paths.is_empty() {
        return import_paths.to_vec();
    }
    let mut folders = vec![PathBuf::from(".")];
    for folder in sources.iter().filter_map(|source| source.parent()) {
        if !folder.as_os_str().is_empty() && !folders.iter().any(|known| known == folder) {
            folders.push(folder.to_owned());
        }
    }
    folders
}

/// Folders in which files are looked for by the names they are imported by.
struct Folders {
    form: Form,
    paths: Vec<PathBuf>,
    opened: Rc<RefCell<Opened>>,
}

/// What is known of the files that were opened, and protox does not tell.
#[derive(Default)]
struct Opened {
    /// Why the last one is not taken, where protox would not say it well.
    refused: Option<Refused>,
    /// Those in proto3 that are compiled as proto2.
    as_proto2: HashSet<String>,
    /// What became of numbers that only message sets have, of the files that were [mended].
    type_ids: HashMap<String, TypeIds>,
}

enum Refused {
    /// It is in an edition, which is said here: `a.proto:3:1`.
    Edition(String),
    Because(NamedError),
}

impl FileResolver for Folders {
    /// The name of a file, by the first folder that it stands in.
    fn resolve_path(&self, path: &Path) -> Option<String> {
        self.paths.iter().find_map(|folder| name_of(&within(path, folder)?))
    }

    fn open_file(&self, name: &str) -> Result<File, Error> {
        let found = self.paths.iter().map(|folder| folder.join(name)).find(|path| path.is_file());
        let path = found.ok_or_else(|| Error::file_not_found(name))?;
        let refuse = |why: Refused| {
            self.opened.borrow_mut().refused = Some(why);
            Error::new("refused")
        };
        let bytes = read(&path).map_err(|why| refuse(Refused::Because(why)))?;
        let source = compilable(&bytes).map_err(|at| {
            let why = NamedError::Source(format!("{name}: no UTF-8 from byte {at} on"));
            refuse(Refused::Because(why))
        })?;
        let (source, mut ids) = match self.form {
            Form::Written => (source, TypeIds::default()),
            Form::Mended => stood_in(&source),
        };
        let file = File::from_source(name, &source).map_err(|error| match edition(&source) {
            Some(at) => {
                let (line, column) = line_and_column(&source, at);
                refuse(Refused::Edition(format!("{name}:{line}:{column}")))
            }
            None => error,
        })?;
        if self.form == Form::Written {
            return Ok(file);
        }
        let Mended { mut file, is_proto3 } = mended(file.file_descriptor_proto());
        ids.make_room(&mut file);
        self.opened.borrow_mut().type_ids.insert(name.to_owned(), ids);
        if is_proto3 {
            self.opened.borrow_mut().as_proto2.insert(name.to_owned());
        }
        Ok(File::from_file_descriptor_proto(file))
    }
}

fn in_an_edition(place: String, root: &Path, folders: &[PathBuf]) -> NamedError {
    let is_here = matches!(folders, [only] if only == Path::new("."));
    let folders = folders.iter().filter(|_| !is_here).map(|folder| format!(" -I {}", folder.display()));
    NamedError::Edition { place, root: root.display().to_string(), folders: folders.collect() }
}

fn in_words(
    error: &Error,
    source: &Path,
    folders: &[PathBuf],
    type_ids: &HashMap<String, TypeIds>,
) -> NamedError {
    // Its `Debug` is `file:line:column: what is wrong`, its `Display` only what.
    let with_place = format!("{error:?}");
    if !error.is_file_not_found() {
        let ids = error.file().and_then(|name| type_ids.get(name));
        return NamedError::Source(ids.map_or(with_place.clone(), |ids| ids.as_written(&with_place)));
    }
    let searched = folders.to_vec();
    let place = with_place.strip_suffix(&error.to_string()).map(str::trim).unwrap_or_default();
    let import = error.to_string().split('\'').nth(1).map(str::to_owned);
    match import.filter(|_| error.file().is_some()) {
        Some(name) => NamedError::NotFound { place: format!("{place} "), name, searched },
        None => NamedError::NotFound { place: String::new(), name: source.display().to_string(), searched },
    }
}

/// The part of a path behind a folder, however either is written: from the root, or from where we are.
fn within(path: &Path, folder: &Path) -> Option<PathBuf> {
    let plain =
        |path: &Path| -> PathBuf { path.components().filter(|part| *part != Component::CurDir).collect() };
    let behind = |path: &Path, folder: &Path| path.strip_prefix(folder).ok().map(Path::to_owned);
    behind(&plain(path), &plain(folder)).or_else(|| {
        let (path, folder) = (path.canonicalize().ok()?, folder.canonicalize().ok()?);
        behind(&path, &folder)
    })
}

/// `a/b.proto`, as an import has it on every platform.
fn name_of(path: &Path) -> Option<String> {
    let parts = path.components().map(|part| match part {
        Component::Normal(part) => part.to_str(),
        _ => None,
    });
    let parts: Vec<&str> = parts.collect::<Option<_>>()?;
    (!parts.is_empty()).then(|| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_its_name_by_the_folder_it_stands_in() {
        let name = |path: &str, folder: &str| {
            within(Path::new(path), Path::new(folder)).and_then(|path| name_of(&path))
        };
        assert_eq!(name("./a/b.proto", ".").as_deref(), Some("a/b.proto"));
        assert_eq!(name("a/b.proto", "./a").as_deref(), Some("b.proto"));
        assert_eq!(name("/x/a/b.proto", "/x").as_deref(), Some("a/b.proto"));
        assert_eq!(name("/x/b.proto", "."), None);
        assert_eq!(name("../b.proto", "."), None);
        let here = std::env::current_dir().unwrap();
        let (from_root, from_here) = (here.join("proto/hello.proto"), "proto/hello.proto");
        assert_eq!(name(from_root.to_str().unwrap(), "proto").as_deref(), Some("hello.proto"));
        assert_eq!(name(from_here, here.join("proto").to_str().unwrap()).as_deref(), Some("hello.proto"));
    }
}
