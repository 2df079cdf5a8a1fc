//! A service that can be called, and its methods.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, LazyLock},
};

use http::uri::PathAndQuery;
use prost::Message as _;
use prost_reflect::{DescriptorPool, MethodDescriptor, ServiceDescriptor};
use prost_types::{FileDescriptorProto, FileDescriptorSet};

use super::{Kind, MessageType, SchemaError, Source, descriptors};

static BUILT_IN: LazyLock<Vec<Contract>> = LazyLock::new(|| {
    const NAMES: [&str; 2] = ["helloworld.Greeter", "hello.Greeter"];
    let bytes = include_bytes!(concat!(env!("OUT_DIR"), "/greeter.binpb"));
    // A test sees to it that both are there.
    let files = FileDescriptorSet::decode(&bytes[..]).unwrap_or_default().file;
    let mut found = from_files(files, NAMES, Source::BuiltIn);
    NAMES.iter().filter_map(|name| found.remove(*name)?.ok()).collect()
});

/// One service: its name, where it is known from, its methods. Cheap to clone.
#[derive(Clone)]
pub struct Contract {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    source: Source,
    methods: Vec<Method>,
}

/// The first of those built in.
impl Default for Contract {
    fn default() -> Self {
        // That there is one is a test's business; without one there would be nothing to call.
        Self::built_in().first().cloned().unwrap_or_else(|| Self {
            inner: Arc::new(Inner { name: String::new(), source: Source::BuiltIn, methods: Vec::new() }),
        })
    }
}

impl Contract {
    /// The contracts of the embedded server, the default first: `helloworld.Greeter` and
    /// `hello.Greeter`.
    pub fn built_in() -> &'static [Self] {
        &BUILT_IN
    }

    /// All services of an encoded `FileDescriptorSet` (`protoc --descriptor_set_out`, with
    /// `--include_imports`), in the order of their names.
    pub fn from_descriptor_set(bytes: &[u8], source: Source) -> Result<Vec<Self>, SchemaError> {
        let files = descriptors::decode_all(&descriptors::split_set(bytes)?)?;
        let names: Vec<String> = declared_services(&files).into_keys().collect();
        from_files(files, names.iter().map(String::as_str), source).into_values().collect()
    }

    /// The full name, as in a method's path: `helloworld.Greeter`.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// Where it is known from.
    pub fn source(&self) -> Source {
        self.inner.source
    }

    /// Its methods, in the order of their declaration.
    pub fn methods(&self) -> &[Method] {
        &self.inner.methods
    }

    /// Its methods of one kind, in the order of their declaration.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Method> {
        self.methods().iter().filter(move |method| method.kind() == kind)
    }

    fn new(service: &ServiceDescriptor, source: Source) -> Result<Self, SchemaError> {
        let methods = service.methods().map(|method| Method::new(&method)).collect::<Result<_, _>>()?;
        let name = service.full_name().to_owned();
        Ok(Self { inner: Arc::new(Inner { name, source, methods }) })
    }
}

/// The same service from the same source.
impl PartialEq for Contract {
    fn eq(&self, other: &Self) -> bool {
        (self.name(), self.source()) == (other.name(), other.source())
    }
}

impl Eq for Contract {}

impl fmt::Debug for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Contract({}, {})", self.name(), self.source())
    }
}

/// One method of a contract. Cheap to clone.
#[derive(Clone)]
pub struct Method {
    inner: Arc<MethodInner>,
}

struct MethodInner {
    name: String,
    full_name: String,
    path: PathAndQuery,
    kind: Kind,
    request: MessageType,
    reply: MessageType,
}

impl Method {
    /// `SayHello`.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// `helloworld.Greeter.SayHello`.
    pub fn full_name(&self) -> &str {
        &self.inner.full_name
    }

    /// `/helloworld.Greeter/SayHello`.
    pub fn path(&self) -> &PathAndQuery {
        &self.inner.path
    }

    /// Which sides send a stream.
    pub fn kind(&self) -> Kind {
        self.inner.kind
    }

    /// What the client sends.
    pub fn request(&self) -> &MessageType {
        &self.inner.request
    }

    /// What the server sends.
    pub fn reply(&self) -> &MessageType {
        &self.inner.reply
    }

    fn new(method: &MethodDescriptor) -> Result<Self, SchemaError> {
        let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
        Ok(Self {
            inner: Arc::new(MethodInner {
                name: method.name().to_owned(),
                full_name: method.full_name().to_owned(),
                path: PathAndQuery::try_from(path).map_err(|error| SchemaError::invalid(&error))?,
                kind: match (method.is_client_streaming(), method.is_server_streaming()) {
                    (false, false) => Kind::Unary,
                    (false, true) => Kind::ServerStream,
                    (true, false) => Kind::ClientStream,
                    (true, true) => Kind::Bidi,
                },
                request: MessageType::new(&method.input()),
                reply: MessageType::new(&method.output()),
            }),
        })
    }
}

/// The same method with the same message types.
impl PartialEq for Method {
    fn eq(&self, other: &Self) -> bool {
        self.path() == other.path() && self.request() == other.request() && self.reply() == other.reply()
    }
}

impl Eq for Method {}

impl fmt::Debug for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Method({})", self.inner.path)
    }
}

/// The contract to begin with: the first built-in one whose service is offered, in the order of
/// [`Contract::built_in`], else the first that is offered and has a method.
pub fn prefer(offered: &[Contract]) -> Option<Contract> {
    let callable = || offered.iter().find(|contract| !contract.methods().is_empty());
    built_in_among(offered).or_else(callable).or(offered.first()).cloned()
}

/// The first built-in contract whose service is offered.
pub(super) fn built_in_among(offered: &[Contract]) -> Option<&Contract> {
    let mut built_in = Contract::built_in().iter();
    built_in.find_map(|built_in| offered.iter().find(|contract| contract.name() == built_in.name()))
}

/// The services called `names`, each as its contract or why it is none.
pub(super) fn from_files<'a>(
    mut files: Vec<FileDescriptorProto>,
    names: impl IntoIterator<Item = &'a str>,
    source: Source,
) -> BTreeMap<String, Result<Contract, SchemaError>> {
    let declared = declared_services(&files);
    let base = match source {
        // The program's own files import nothing, and the program starts with them.
        Source::BuiltIn => DescriptorPool::new(),
        Source::Reflection | Source::File => {
            files.extend(descriptors::not_canonical());
            descriptors::canonical()
        }
    };
    let built = descriptors::build(base, files);
    let contract = |name: &str| {
        if let Some(service) = built.pool.get_service_by_name(name) {
            return Contract::new(&service, source);
        }
        let why = declared.get(name).and_then(|file| built.left_out.get(file)).cloned();
        Err(why.unwrap_or_else(|| SchemaError::invalid(&format!("no descriptor of {name}"))))
    };
    names.into_iter().map(|name| (name.to_owned(), contract(name))).collect()
}

/// Which file declares a service, by the service's full name.
pub(super) fn declared_services<'a>(
    files: impl IntoIterator<Item = &'a FileDescriptorProto>,
) -> BTreeMap<String, String> {
    let services = files.into_iter().flat_map(|file| file.service.iter().map(move |service| (file, service)));
    services
        .map(|(file, service)| {
            let package = file.package();
            let dot = if package.is_empty() { "" } else { "." };
            (format!("{package}{dot}{}", service.name()), file.name().to_owned())
        })
        .collect()
}
