//! `tandem serve`: the roles of one process, from start to orderly end.

use crate::config::Config;
use crate::platform::Platform;
use crate::{calls, clock, monitoring};
use anyhow::{Context as _, Result};
use bot_gateway::cards::{CallCards, Cards};
use bot_gateway::flow::{self, Flow};
use bot_gateway::lease::Owner;
use bot_gateway::notify::{Notices, Shredder};
use bot_gateway::office::Office;
use bot_gateway::outbox::{Outbox, Rates};
use bot_gateway::recordings::Recordings;
use bot_gateway::screen::home;
use bot_gateway::telegram::{Api, Client, Menu, MenuCommand};
use bot_gateway::view::call::Phone;
use bot_gateway::{Parts, Updates};
use chrono::TimeDelta;
use clap::{Args, ValueEnum};
use domain::call::Call;
use domain::log::Context;
use domain::person::Language;
use domain::sip_account::SipAccount;
use event_store::blobs::Blobs;
use event_store::clock::Clock as _;
use event_store::codec::Kept;
use event_store::dispatcher::{Cause, Dispatcher, ExecuteError};
use event_store::log::Fault;
use event_store::reactor::reactor;
use event_store::runner::{Followed, Followers, Progress};
use event_store::signals::{self, SignalBus};
use projections::call_board::{Cleanup, cleanup};
use projections::deadlines::{Drive, drive};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How to serve.
#[derive(Args)]
pub(crate) struct Options {
    /// What this process does. On PostgreSQL several processes may have a role, and share its work.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Role::Bot, Role::Media, Role::Projector])]
    roles: Vec<Role>,
    /// End when standard input closes: for programs that start this one.
    #[arg(long, hide = true)]
    exit_with_parent: bool,
}

/// A part of the platform's work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// Talks to Telegram.
    Bot,
    /// Registers accounts and carries calls.
    Media,
    /// Keeps read models, writes notices, and acts on deadlines.
    Projector,
}

/// How often drafts and questions that are over are forgotten.
const PURGE: Duration = Duration::from_secs(60);

/// Everything that the roles share.
struct Shared {
    platform: Platform,
    followers: Followers,
    office: Arc<Office>,
    outbox: Outbox,
    owner: Owner,
    client: Client,
    bot: String,
    signals: Arc<dyn SignalBus>,
    phone: Phone,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// Serves until told to end.
///
/// # Errors
///
/// Something does not start, or a role fails for good.
pub(crate) async fn serve(config: Config, options: Options) -> Result<()> {
    let platform = Platform::open(&config).await?;
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    end_when_told(&options, &tasks, &stop)?;
    let (clock_moved, clock_moves) = watch::channel(());
    if let Some(url) = config.follow_clock.clone() {
        clock::set(&platform.clock, &url).await;
        tasks.spawn(clock::follow(platform.clock.clone(), url, clock_moved, stop.clone()));
    }
    if let Some(address) = config.metrics_listen {
        tasks.spawn(monitoring::serve(address, stop.clone()).await?);
    }
    let shared = share(&config, platform, tasks, stop).await?;
    if options.roles.contains(&Role::Projector) {
        project(&shared, clock_moves);
    }
    let (bots, carries) = (options.roles.contains(&Role::Bot), options.roles.contains(&Role::Media));
    tokio::try_join!(talk(&config, &shared, bots), carry(&config, &shared, carries))?;
    shared.stop.cancelled().await;
    shared.tasks.close();
    shared.tasks.wait().await;
    tracing::info!("ended in good order");
    Ok(())
}

async fn share(
    config: &Config,
    platform: Platform,
    tasks: TaskTracker,
    stop: CancellationToken,
) -> Result<Shared> {
    let client = Client::new(Api { url: config.bot_api_url.clone(), token: config.token()? })?;
    let me = client.me().await.context("see `tandem doctor` for what to do")?;
    if !me.inline {
        tracing::warn!("inline mode is off, so nothing can be shared: tell @BotFather /setinline");
    }
    let process = format!("process {}", std::process::id());
    let followers =
        Followers::new(platform.log.clone(), platform.database.clone(), platform.clock.clone(), process);
    followers.prepare(&projections::all(), &show).await.context("prepare the read models")?;
    let owner = Owner::for_database(&*platform.database);
    let outbox = Outbox::new(platform.database.clone(), platform.clock.clone(), owner.clone());
    let office = Arc::new(platform.office(config));
    let signals = signals::open(&platform.opened, platform.vault.clone(), &tasks, &stop);
    let telegram = config.telegram_api_id.is_some();
    let phone = Phone { page: config.phone_url.clone(), telegram, account: None };
    tracing::info!(bot = me.username, "Tandem serves");
    Ok(Shared {
        platform,
        followers,
        office,
        outbox,
        owner,
        client,
        bot: me.username,
        signals,
        phone,
        tasks,
        stop,
    })
}

/// Follows the log and acts on deadlines.
fn project(shared: &Shared, clock_moves: watch::Receiver<()>) {
    let notices = Notices::new(shared.office.clone(), shared.outbox.clone(), shared.bot.clone());
    let mut followed: Vec<Followed> = projections::all().into_iter().map(Followed::ReadModel).collect();
    followed.push(Followed::Reactor(reactor(notices)));
    let stored = Blobs::new(
        shared.platform.database.clone(),
        shared.platform.vault.clone(),
        shared.platform.clock.clone(),
    );
    followed.push(Followed::Reactor(reactor(Shredder::new(shared.office.clone(), stored))));
    let cards = Cards::new(
        shared.office.clone(),
        shared.platform.database.clone(),
        shared.outbox.clone(),
        shared.bot.clone(),
        shared.phone.clone(),
    );
    followed.push(Followed::Reactor(reactor(CallCards::new(cards, shared.outbox.clone()))));
    let recordings = Recordings::new(shared.office.clone(), shared.outbox.clone(), shared.bot.clone());
    followed.push(Followed::Reactor(reactor(recordings)));
    shared.followers.start(followed, &shared.tasks, &shared.stop);

    let parts = Drive {
        db: shared.platform.database.clone(),
        clock: shared.platform.clock.clone(),
        clock_moved: clock_moves.clone(),
        followers: shared.followers.clone(),
    };
    let (dispatcher, clock) = (shared.platform.dispatcher.clone(), shared.platform.clock.clone());
    let execute = move |account: domain::ids::AccountNumber, command, cause| {
        let context = Context::process(clock.now());
        let dispatcher = dispatcher.clone();
        async move { act::<SipAccount>(&dispatcher, &account.to_string(), command, context, cause).await }
    };
    shared.tasks.spawn(drive(parts, execute, shared.stop.clone()));
    clean_up_calls(shared, clock_moves);
}

/// Ends the calls whose media process is gone, or that none ever took.
fn clean_up_calls(shared: &Shared, clock_moved: watch::Receiver<()>) {
    let parts = Cleanup {
        db: shared.platform.database.clone(),
        clock: shared.platform.clock.clone(),
        clock_moved,
        followers: shared.followers.clone(),
    };
    let (dispatcher, clock) = (shared.platform.dispatcher.clone(), shared.platform.clock.clone());
    let execute = move |call: domain::ids::CallId, command, cause| {
        let context = Context::process(clock.now());
        let dispatcher = dispatcher.clone();
        async move { act::<Call>(&dispatcher, &call.to_string(), command, context, cause).await }
    };
    shared.tasks.spawn(cleanup(parts, execute, shared.stop.clone()));
}

/// Gives the command of a deadline. A refusal means that it is not, or no longer, due: nothing is recorded.
async fn act<D: Kept + std::fmt::Debug + PartialEq>(
    dispatcher: &Dispatcher,
    id: &str,
    command: D::Command,
    context: Context,
    cause: String,
) -> Result<Option<domain::log::Position>, Fault> {
    let cause = Cause { text: Some(cause), dedup: None };
    match dispatcher.execute::<D>(id, command, context, &cause).await {
        Ok(done) => Ok(done.position),
        Err(ExecuteError::Refused(refusal)) => {
            tracing::debug!(category = D::NAME, id, %refusal, "a deadline had nothing to do");
            Ok(None)
        }
        Err(ExecuteError::Full { limit }) => Err(Fault::because(format!("all {limit} places are held"))),
        Err(ExecuteError::Fault(fault)) => Err(fault),
    }
}

/// Runs the bot, if this process has that role.
async fn talk(config: &Config, shared: &Shared, wanted: bool) -> Result<()> {
    if wanted {
        bot_gateway::run(bot(config, shared)?, shared.stop.clone()).await.context("run the bot")?;
    }
    Ok(())
}

/// Carries calls, if this process has that role.
async fn carry(config: &Config, shared: &Shared, wanted: bool) -> Result<()> {
    if !wanted {
        return Ok(());
    }
    let parts = media_gateway::Parts {
        config: calls::settings(config)?,
        log: shared.platform.log.clone(),
        database: shared.platform.database.clone(),
        clock: shared.platform.clock.clone(),
        vault: shared.platform.vault.clone(),
        dispatcher: shared.platform.dispatcher.clone(),
        followers: shared.followers.clone(),
        signals: shared.signals.clone(),
        bot_token: config.token()?,
        bot: shared.bot.clone(),
        listening: None,
    };
    media_gateway::run(parts, shared.stop.clone()).await.context("carry calls")
}

fn bot(config: &Config, shared: &Shared) -> Result<Parts> {
    let flow = Arc::new(Flow::new(flow::Parts {
        office: shared.office.clone(),
        database: shared.platform.database.clone(),
        followers: shared.followers.clone(),
        outbox: shared.outbox.clone(),
        signals: shared.signals.clone(),
        phone: shared.phone.clone(),
        bot: shared.bot.clone(),
    }));
    shared.tasks.spawn(purge(flow.clone(), shared.platform.clock.clone(), shared.stop.clone()));
    let updates = match &config.webhook_url {
        None => Updates::Poll,
        Some(url) => Updates::Webhook { public_url: url.clone(), listen: config.webhook_listen },
    };
    Ok(Parts {
        database: shared.platform.database.clone(),
        clock: shared.platform.clock.clone(),
        vault: shared.platform.vault.clone(),
        handler: flow,
        outbox: shared.outbox.clone(),
        client: shared.client.clone(),
        owner: shared.owner.clone(),
        updates,
        rates: Rates { all: (config.messages_per_second, TimeDelta::seconds(1)), ..Rates::default() },
        menus: vec![menu(None, Language::En), menu(Some("ru"), Language::Ru)],
        phone: shared.phone.clone(),
    })
}

/// The commands that Telegram shows people whose app speaks this language; without one, everybody else.
fn menu(app: Option<&str>, language: Language) -> Menu {
    let commands = home::commands(language).into_iter();
    Menu {
        language: app.map(str::to_owned),
        commands: commands
            .map(|(name, description)| MenuCommand { name: name.to_owned(), description })
            .collect(),
    }
}

async fn purge(flow: Arc<Flow>, clock: Arc<clock::MachineClock>, stop: CancellationToken) {
    let mut beat = tokio::time::interval(PURGE);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = beat.tick() => {
                if let Err(error) = flow.purge(clock.now()).await {
                    tracing::warn!(%error, "old drafts stay for another minute");
                }
            }
        }
    }
}

/// Ends at Ctrl+C, at SIGTERM, and, if asked for, when whoever started this process is gone.
fn end_when_told(options: &Options, tasks: &TaskTracker, stop: &CancellationToken) -> Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("listen for SIGTERM")?;
    let told = stop.clone();
    tasks.spawn(async move {
        tokio::select! {
            () = told.cancelled() => (),
            _ = tokio::signal::ctrl_c() => told.cancel(),
            _ = terminate.recv() => told.cancel(),
        }
    });
    if options.exit_with_parent {
        let alone = stop.clone();
        tasks.spawn(async move {
            let mut nothing = [0_u8; 1];
            tokio::select! {
                () = alone.cancelled() => (),
                _ = parent_gone(&mut nothing) => alone.cancel(),
            }
        });
    }
    Ok(())
}

/// Standard input says nothing, and ends with whoever holds its other end.
async fn parent_gone(buffer: &mut [u8]) {
    let mut input = tokio::io::stdin();
    while input.read(buffer).await.is_ok_and(|read| read > 0) {}
}

fn show(progress: &Progress) {
    tracing::info!(read_model = progress.name, events = progress.events, "a read model is made anew");
}
