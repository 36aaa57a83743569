// What a Node program would do to send mail: nodemailer with a pool of three connections for each
// mailbox, as many as Mailfleet opens, each kept busy. Nothing is made durable. It is the yardstick
// of `tools/bench send`.
//
//   node bench_send_client.mjs JOB
//
// JOB is that of bench_send.cpp. The last line of its output is JSON.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const connections = 3;
const require = createRequire(import.meta.url);

function load(name) {
  try {
    return require(name);
  } catch {
    // Debian's packages, for a Node that is not Debian's.
    return require(`/usr/share/nodejs/${name}`);
  }
}

const nodemailer = load("nodemailer");
const job = JSON.parse(readFileSync(process.argv[2], "utf8"));
const ca = readFileSync(job.ca_file);
const pools = job.mailboxes.map((user) => nodemailer.createTransport({
  pool: true, host: job.host, port: job.port, secure: true, auth: { user, pass: job.password },
  maxConnections: connections, maxMessages: Infinity, tls: { ca },
}));
let sent = 0;

async function send_one(mark, number) {
  const mailbox = number % pools.length;
  const to = `${mark}${number}@${job.domain}`;
  const info = await pools[mailbox].sendMail({ from: job.mailboxes[mailbox], to,
    subject: `Mail ${number} of the bench`, text: job.text });
  if (info.accepted.length !== 1 || info.rejected.length !== 0)
    throw new Error(`not accepted: ${info.response}`);
  sent += 1;
}

async function send_all(mark, count) {
  const workers = [];
  const next = pools.map((_, mailbox) => mailbox);
  async function work(mailbox) {
    while (next[mailbox] < count) {
      const number = next[mailbox];
      next[mailbox] += pools.length;
      await send_one(mark, number);
    }
  }
  for (let mailbox = 0; mailbox < pools.length; ++mailbox)
    for (let connection = 0; connection < connections; ++connection) workers.push(work(mailbox));
  await Promise.all(workers);
}

function peak_kib() {
  const line = readFileSync("/proc/self/status", "utf8").match(/^VmHWM:\s+(\d+)/m);
  return Number(line[1]);
}

await send_all("w", job.warm_up);
const began = { cpu: process.cpuUsage(), at: performance.now() };
await send_all("m", job.messages);
const cpu = process.cpuUsage(began.cpu);
const seconds = (performance.now() - began.at) / 1000;
console.log(JSON.stringify({ cpu_us: cpu.user + cpu.system, seconds, peak_kib: peak_kib(), sent }));
for (const pool of pools) pool.close();
