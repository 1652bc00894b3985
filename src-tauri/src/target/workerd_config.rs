//! Turns a `Bundle` into the binary configuration that workerd reads from its standard input. Values to values: no
//! process, no file, no socket is touched here.
//!
//! The configuration carries opened secrets, so every buffer it passes through is wiped, and none may grow: a
//! buffer that grows leaves its old bytes behind.

use std::path::Path;

use capnp::Word;
use capnp::message::{Builder, ScratchSpaceHeapAllocator};
use capnp::serialize;
use zeroize::{Zeroize, Zeroizing};

use self::workerd_capnp::{config, service, worker};
use crate::deployment::{Binding, Bundle, Content, Module};

/// Where the process and the app meet: Unix sockets in a folder that only this user can enter.
pub(super) struct Sockets<'a> {
    /// workerd listens here for the function's own requests.
    pub(super) http: &'a Path,
    /// workerd listens here for scheduled runs.
    pub(super) trigger: &'a Path,
    /// The app listens here for what the tail tells.
    pub(super) host: &'a Path,
}

/// Heap of the function, in MB, as on Cloudflare Workers. Without it, running out ends the process at 1.4 GB.
const MAX_HEAP: &str = "--max-heap-size=128";

/// The date our own workers were written for; the function has one of its own.
const OWN_DATE: &str = "2025-06-01";

/// `nonce` proves to the host that a caller is this process's tail.
pub(super) fn encode(bundle: &Bundle, sockets: &Sockets<'_>, nonce: &str) -> Zeroizing<Vec<u8>> {
    let mut scratch = Scratch::for_bundle(bundle);
    let mut message = Builder::new(ScratchSpaceHeapAllocator::new(scratch.bytes()));
    write(message.init_root::<config::Builder<'_>>(), bundle, sockets, nonce);

    let words = serialize::compute_serialized_size_in_words(&message);
    let mut bytes = Zeroizing::new(Vec::with_capacity(words * size_of::<Word>()));
    serialize::write_message(&mut *bytes, &message).expect("writing to memory does not fail");
    bytes
}

fn write(mut config: config::Builder<'_>, bundle: &Bundle, sockets: &Sockets<'_>, nonce: &str) {
    config.reborrow().init_v8_flags(1).set(0, MAX_HEAP);
    config.reborrow().init_logging().set_structured_logging(true);

    let mut services = config.reborrow().init_services(7);
    function(services.reborrow().get(0), bundle);
    public_internet(services.reborrow().get(1));
    nowhere(services.reborrow().get(2));
    tail(services.reborrow().get(3));
    trigger(services.reborrow().get(4));
    host(services.reborrow().get(5), sockets.host, nonce);
    cache(services.reborrow().get(6));

    let mut listening = config.init_sockets(2);
    for (index, (name, path, service)) in
        [("http", sockets.http, "fn"), ("trigger", sockets.trigger, "trigger")].into_iter().enumerate()
    {
        let mut socket = listening.reborrow().get(index as u32);
        socket.set_name(name);
        socket.set_address(unix(path).as_str());
        socket.reborrow().init_http();
        socket.init_service().set_name(service);
    }
}

fn function(mut service: service::Builder<'_>, bundle: &Bundle) {
    service.set_name("fn");
    let mut worker = service.init_worker();
    worker.set_compatibility_date(bundle.compatibility_date.as_str());
    flags(worker.reborrow(), &bundle.compatibility_flags);
    worker.reborrow().init_streaming_tails(1).get(0).set_name("tail");
    worker.reborrow().init_global_outbound().set_name("net");
    worker.reborrow().init_cache_api_outbound().set_name("cache");

    // What is inherited has no text and was refused before: see `workerd::check_values`.
    let texts: Vec<(&str, &str)> = bundle.bindings.iter().filter_map(text).collect();
    let mut bindings = worker.reborrow().init_bindings(texts.len() as u32);
    for (index, (name, text)) in texts.into_iter().enumerate() {
        let mut slot = bindings.reborrow().get(index as u32);
        slot.set_name(name);
        slot.set_text(text);
    }

    let mut modules = worker.init_modules(2 + bundle.modules.len() as u32);
    for (index, (name, code)) in [(MAIN, &*main(bundle)), (CONSOLE, include_str!("console.js"))].iter().enumerate() {
        let mut slot = modules.reborrow().get(index as u32);
        slot.set_name(name);
        slot.set_es_module(code);
    }
    for (index, module) in bundle.modules.iter().enumerate() {
        let mut slot = modules.reborrow().get(2 + index as u32);
        slot.set_name(module.name.as_str());
        match &module.content {
            Content::Code(code) => slot.set_es_module(code.as_str()),
            Content::Wasm(bytes) => slot.set_wasm(bytes),
        }
    }
}

/// Names that no module of a function has: its code becomes one module, and what is beside it is WebAssembly.
const MAIN: &str = "postern-main.js";
const CONSOLE: &str = "postern-console.js";

/// What the runtime takes for the function: its first module, with the console made ready before it runs.
fn main(bundle: &Bundle) -> String {
    let Some(function) = bundle.modules.first() else { return String::new() };
    let name = &function.name;
    // A function of named exports only has none, and would not start with one that is undefined.
    let default = match &function.content {
        Content::Code(code) if code.contains("export default") || code.contains("as default") => {
            format!("export {{ default }} from \"./{name}\";\n")
        }
        _ => String::new(),
    };
    format!("import \"./{CONSOLE}\";\nexport * from \"./{name}\";\n{default}")
}

fn text(binding: &Binding) -> Option<(&str, &str)> {
    Some((binding.name.as_str(), binding.value.text()?))
}

/// Addresses of the public internet, and none of this computer or its network, however they are spelt. A list of
/// what to deny would leave gaps: 0.0.0.0 is one.
fn public_internet(mut service: service::Builder<'_>) {
    service.set_name("net");
    let mut network = service.init_network();
    network.reborrow().init_allow(1).set(0, "public");
    network.init_tls_options().set_trust_browser_cas(true);
}

/// The service that workerd would otherwise make up for workers that name no way out.
fn nowhere(mut service: service::Builder<'_>) {
    service.set_name("internet");
    service.init_network().init_allow(0);
}

fn tail(mut service: service::Builder<'_>) {
    service.set_name("tail");
    let worker = service.init_worker();
    own(worker, "tail.js", include_str!("tail.js"), "streaming_tail_worker", ("HOST", "host"));
}

/// The flag belongs to the caller: without it the call is plain RPC, with a wrong controller and no outcome.
fn trigger(mut service: service::Builder<'_>) {
    service.set_name("trigger");
    let worker = service.init_worker();
    own(worker, "trigger.js", include_str!("trigger.js"), "service_binding_extra_handlers", ("FN", "fn"));
}

/// Without it, asking for `caches` is an error.
fn cache(mut service: service::Builder<'_>) {
    service.set_name("cache");
    module(service.init_worker(), "cache.js", include_str!("cache.js"));
}

/// One of our own workers: one module, one flag, one binding to another service.
fn own(mut worker: worker::Builder<'_>, name: &str, code: &str, flag: &str, binding: (&str, &str)) {
    worker.reborrow().init_compatibility_flags(1).set(0, flag);
    let mut slot = worker.reborrow().init_bindings(1).get(0);
    slot.set_name(binding.0);
    slot.init_service().set_name(binding.1);
    module(worker, name, code);
}

fn module(mut worker: worker::Builder<'_>, name: &str, code: &str) {
    worker.set_compatibility_date(OWN_DATE);
    let mut module = worker.init_modules(1).get(0);
    module.set_name(name);
    module.set_es_module(code);
}

fn host(mut service: service::Builder<'_>, path: &Path, nonce: &str) {
    service.set_name("host");
    let mut external = service.init_external();
    external.set_address(unix(path).as_str());
    let mut header = external.init_http().init_inject_request_headers(1).get(0);
    header.set_name(super::tail::TOKEN_HEADER);
    header.set_value(nonce);
}

fn flags(worker: worker::Builder<'_>, flags: &[String]) {
    let mut list = worker.init_compatibility_flags(flags.len() as u32);
    for (index, flag) in flags.iter().enumerate() {
        list.set(index as u32, flag.as_str());
    }
}

fn unix(path: &Path) -> String {
    format!("unix:{}", path.display())
}

/// Memory for the whole message in one piece, wiped when dropped.
struct Scratch(Vec<Word>);

impl Scratch {
    fn for_bundle(bundle: &Bundle) -> Self {
        // A list element and the padding of its two texts take less than 256 bytes; what is ours, less than 16 KiB.
        let module = |module: &Module| module.name.len() + module.content.bytes().len() + 256;
        let binding = |(name, text): (&str, &str)| name.len() + text.len() + 256;
        let bytes = 16 * 1024
            + bundle.modules.iter().map(module).sum::<usize>()
            + bundle.bindings.iter().filter_map(text).map(binding).sum::<usize>()
            + bundle.compatibility_flags.iter().map(|flag| flag.len() + 256).sum::<usize>();
        Self(Word::allocate_zeroed_vec(bytes.div_ceil(size_of::<Word>())))
    }

    fn bytes(&mut self) -> &mut [u8] {
        Word::words_to_bytes_mut(&mut self.0)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.bytes().zeroize();
    }
}

/// Generated by build.rs from workerd's own schema.
#[allow(unreachable_pub, dead_code, unused, clippy::all, clippy::unwrap_used)]
mod workerd_capnp {
    include!(concat!(env!("OUT_DIR"), "/workerd_capnp.rs"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::Value;
    use crate::secret::{SecretName, SecretValue};

    fn bundle(values: &[&str]) -> Bundle {
        let binding = |(index, value): (usize, &&str)| Binding {
            name: SecretName::parse(&format!("KEY_{index}")).unwrap(),
            value: Value::Set(SecretValue::parse(value.to_string().into()).unwrap()),
        };
        Bundle {
            modules: vec![Module {
                name: "main.js".into(),
                content: Content::Code("export default {}".into()),
                map: None,
            }],
            compatibility_date: "2026-08-04".into(),
            compatibility_flags: vec!["nodejs_compat".into()],
            bindings: values.iter().enumerate().map(binding).collect(),
        }
    }

    fn sockets() -> Sockets<'static> {
        Sockets { http: Path::new("/run/p/http"), trigger: Path::new("/run/p/trigger"), host: Path::new("/run/p/host") }
    }

    #[test]
    fn values_arrive_to_the_byte() {
        let values = ["-----BEGIN KEY-----\r\nA\"\\\r\n", "🔑", " "];
        let mut bundle = bundle(&values);
        let variable = |name, value| Binding { name: SecretName::parse(name).unwrap(), value };
        bundle.bindings.push(variable("PLAIN", Value::Plain("a variable".into())));
        bundle.bindings.push(variable("KEPT", Value::Inherit));
        let bytes = encode(&bundle, &sockets(), "nonce");
        let message = serialize::read_message(&mut &bytes[..], Default::default()).unwrap();
        let config = message.get_root::<config::Reader<'_>>().unwrap();
        let Ok(service::Worker(worker)) = config.get_services().unwrap().get(0).which() else {
            panic!("the first service is the function");
        };
        let read: Vec<String> = worker
            .unwrap()
            .get_bindings()
            .unwrap()
            .iter()
            .map(|binding| match binding.which().unwrap() {
                worker::binding::Text(text) => text.unwrap().to_string().unwrap(),
                _ => panic!("a secret is bound as text"),
            })
            .collect();
        assert_eq!(read, [&values[..], &["a variable"]].concat());
    }

    #[test]
    fn the_largest_bundle_fits_the_memory_that_is_wiped() {
        let value = "x".repeat(crate::secret::MAX_VALUE);
        let mut bundle = bundle(&vec![value.as_str(); 128]);
        bundle.modules[0].content = Content::Code("//".repeat(1024 * 1024));
        let content = Content::Wasm(vec![0; 1024 * 1024 + 1]);
        bundle.modules.push(Module { name: "big.wasm".into(), content, map: None });
        let mut scratch = Scratch::for_bundle(&bundle);
        let mut message = Builder::new(ScratchSpaceHeapAllocator::new(scratch.bytes()));
        write(message.init_root::<config::Builder<'_>>(), &bundle, &sockets(), "nonce");
        assert_eq!(message.get_segments_for_output().len(), 1, "a second segment would not be wiped");
    }

    #[test]
    fn our_own_part_fits_too() {
        let mut empty = bundle(&[]);
        empty.modules.clear();
        let mut scratch = Scratch::for_bundle(&empty);
        let mut message = Builder::new(ScratchSpaceHeapAllocator::new(scratch.bytes()));
        write(message.init_root::<config::Builder<'_>>(), &empty, &sockets(), "nonce");
        assert_eq!(message.get_segments_for_output().len(), 1);
    }
}
