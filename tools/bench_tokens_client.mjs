// What a plain Node program would do to keep tokens fresh: global fetch (undici) with its kept-alive
// connections, at most as many requests at once as Mailfleet has open, JSON, a Map. Nothing is made
// durable. It is the yardstick of `tools/bench tokens`.
//
//   node bench_tokens_client.mjs ORIGIN MAILBOXES
//
// The last line of its output is JSON: refreshes, CPU and seconds of the wave.
const [origin, count] = [process.argv[2], Number(process.argv[3])];
const most_open = 32;
const padding = "r".repeat(1_000);

const tokens = new Map();
for (let mailbox = 0; mailbox < count; ++mailbox)
  tokens.set(mailbox, { refresh_token: `r-${mailbox}-0-${padding}` });
const waiting = [];
let [open, granted, refreshed] = [0, 0, 0];
let began;

async function ask(mailbox) {
  const answer = await fetch(`${origin}/0/token`, {
    method: "POST",
    body: new URLSearchParams({ client_id: "bench", client_secret: "bench-client-secret",
      grant_type: "refresh_token", refresh_token: tokens.get(mailbox).refresh_token }),
  });
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  tokens.set(mailbox, await answer.json());
}

function on_granted(mailbox) {
  const life_ms = tokens.get(mailbox).expires_in * 1000;
  setTimeout(() => enqueue(mailbox, on_refreshed), life_ms * (0.5 + 0.3 * Math.random()));
  if (++granted === count) began = { cpu: process.cpuUsage(), at: performance.now() };
}

function on_refreshed() {
  if (++refreshed < count) return;
  const cpu = process.cpuUsage(began?.cpu);
  if (!began) throw new Error("the wave began before all had a token");
  console.log(JSON.stringify({ refreshes: refreshed, cpu_us: cpu.user + cpu.system,
    seconds: (performance.now() - began.at) / 1000 }));
  process.exit(0);
}

function enqueue(mailbox, then) {
  waiting.push([mailbox, then]);
  drain();
}

function drain() {
  while (open < most_open && waiting.length > 0) {
    const [mailbox, then] = waiting.shift();
    open += 1;
    ask(mailbox).then(() => {
      open -= 1;
      then(mailbox);
      drain();
    });
  }
}

for (let mailbox = 0; mailbox < count; ++mailbox) enqueue(mailbox, on_granted);
