//! `greeter list`: what a server offers, by name.

use super::{
    Failure,
    json::Line,
    look::{self, Known, Origin},
    output::Output,
    route::Route,
};
use crate::{
    cli::{List, Listed, Shape},
    schema::{Contract, Definition, LeftOut, Method, MethodName, NoContract},
    text,
};

/// What is told in a line.
enum Row<'a> {
    Service(&'a Contract),
    /// A service that cannot be used.
    LeftOut(&'a LeftOut),
    Definition(Definition, &'a str),
    Method {
        /// `package.Service/Method`, as `greeter call` takes it.
        path: String,
        kind: &'static str,
        request: &'a str,
        reply: &'a str,
    },
}

/// Lists what was asked for, a line each.
pub(super) async fn list(list: &List) -> Result<(), Failure> {
    let route = Route::read(&list.reach)?;
    if let (Some(named), Listed::Services | Listed::Methods(_)) = (route.named(), &list.what) {
        named.need_services().map_err(Failure::usage)?;
    }
    let known = look::ask(route, async |reached, target| Known::told(reached.survey().await, target)).await?;
    let rows = rows(&known, &list.what)?;
    let mut output = Output::start().map_err(Failure::undone)?;
    known.tell_origin(list.shape, &mut output);
    let widths = if output.is_terminal { widths(&rows) } else { Vec::new() };
    for row in &rows {
        match list.shape {
            Shape::Text => output.data(&row.text(&widths)),
            Shape::Json => output.data(&row.json(&known.origin)),
        }
        if let (Row::LeftOut(left_out), Shape::Text) = (row, list.shape) {
            let to_do = if known.origin == Origin::Files { left_out.why.to_do() } else { "" };
            output.talk(&format!("{} cannot be called: {}{to_do}", left_out.service, left_out.why));
        }
        if output.is_full() && output.flush().await.is_err() {
            break;
        }
    }
    output.end().await.map_err(Failure::undone)
}

fn rows<'a>(known: &'a Known, what: &Listed) -> Result<Vec<Row<'a>>, Failure> {
    let left_out = known.offered.left_out.iter().map(Row::LeftOut);
    Ok(match what {
        Listed::Services => known.offered.contracts.iter().map(Row::Service).chain(left_out).collect(),
        Listed::Definitions => {
            known.files.definitions().map(|(definition, name)| Row::Definition(definition, name)).collect()
        }
        Listed::Methods(symbol) => {
            let (service, method) = match symbol.trim_start_matches('/').split_once('/') {
                Some((service, method)) => (service, Some(method)),
                None => (symbol.as_str(), None),
            };
            let contract = known.offered.find(service).map_err(|error| match error {
                NoContract::LeftOut(_) => Failure::undone(error),
                NoContract::Unknown { .. } | NoContract::Ambiguous { .. } => known.lacks(error),
            })?;
            let is_meant = |found: &&Method| method.is_none_or(|name| name == found.name());
            let rows: Vec<Row> = contract
                .methods()
                .iter()
                .filter(is_meant)
                .map(|method| Row::method(contract, method))
                .collect();
            if let (Some(method), []) = (method, &rows[..]) {
                let whole = MethodName::read(&format!("{}/{method}", contract.name()));
                whole.find(&known.offered.contracts).map_err(|error| known.lacks(error))?;
            }
            rows
        }
    })
}

impl<'a> Row<'a> {
    fn method(contract: &Contract, method: &'a Method) -> Self {
        Self::Method {
            path: format!("{}/{}", contract.name(), method.name()),
            kind: method.kind().word(),
            request: method.request().full_name(),
            reply: method.reply().full_name(),
        }
    }

    fn cells(&self) -> Vec<&str> {
        match self {
            Self::Service(contract) => vec![contract.name()],
            Self::LeftOut(left_out) => vec![&left_out.service],
            Self::Definition(definition, name) => vec![definition.word(), name],
            Self::Method { path, kind, request, reply } => vec![path, kind, request, reply],
        }
    }

    /// Cells with tabs between them; on a terminal, where their widths are known, in columns.
    fn text(&self, widths: &[usize]) -> String {
        // A name that is none may hold anything, a tab or a line break too.
        let cells: Vec<_> = self.cells().into_iter().map(text::safe).collect();
        if widths.is_empty() {
            return cells.join("\t");
        }
        let padded = cells.iter().zip(widths).map(|(cell, width)| {
            let padding = width.saturating_sub(text::width(cell));
            format!("{cell}{}", " ".repeat(padding))
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    }

    fn json(&self, origin: &Origin) -> String {
        let mut line = Line::of_event(match self {
            Self::Service(_) | Self::LeftOut(_) => Definition::Service.word(),
            Self::Definition(definition, _) => definition.word(),
            Self::Method { .. } => "method",
        });
        match self {
            Self::Service(contract) => {
                line.text("name", contract.name()).number("methods", contract.methods().len() as u64)
            }
            Self::LeftOut(left_out) => {
                line.text("name", &left_out.service).text("error", &left_out.why.to_string())
            }
            Self::Definition(_, name) => line.text("name", name),
            Self::Method { path, kind, request, reply } => {
                line.text("name", path).text("kind", kind).text("request", request).text("reply", reply)
            }
        };
        line.text("from", &origin.to_string());
        line.end()
    }
}

/// How wide each column is.
fn widths(rows: &[Row<'_>]) -> Vec<usize> {
    let mut widths = Vec::new();
    for row in rows {
        for (at, cell) in row.cells().into_iter().enumerate() {
            let width = text::width(&text::safe(cell));
            match widths.get_mut(at) {
                Some(widest) => *widest = width.max(*widest),
                None => widths.push(width),
            }
        }
    }
    widths
}
