// A Bluesky network of its own: PLC directory, PDS, appview, moderation service. Says on one line of JSON where they are.
// Then it takes one command per line of JSON on standard input, and answers each by one line; it stops when its input ends.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const log = console.error
console.log = log // standard output is for answers
const answer = (value) => process.stdout.write(JSON.stringify(value) + '\n')

const require = createRequire(`${process.env.BLUESKY_NETWORK_HOME}/package.json`)
const { TestNetwork, EXAMPLE_LABELER } = await import(pathToFileURL(require.resolve('@atproto/dev-env')))

const schema = process.env.DB_POSTGRES_SCHEMA
const port = (name) => Number(process.env[name])
const network = await TestNetwork.create({
  plc: { port: port('PLC_PORT') },
  pds: { port: port('PDS_PORT'), hostname: 'localhost' },
  bsky: {
    port: port('APPVIEW_PORT'),
    dbPostgresSchema: `appview_${schema}`,
    publicUrl: `http://localhost:${port('APPVIEW_PORT')}`,
  },
})
answer({ plc: network.plc.url, pds: network.pds.url, appview: network.bsky.url, labeler: EXAMPLE_LABELER })

const commands = {
  // wait until the appview knows everything that the PDS holds
  async settle() {
    await network.processAll(20_000)
    return {}
  },
  // what a labeler would do: `uri` is a DID or a record's address
  async label({ src, uri, val, neg = false }) {
    await network.bsky.db.db
      .insertInto('label')
      .values({ src, uri, cid: '', val, neg, cts: new Date().toISOString(), exp: null })
      .execute()
    return {}
  },
  // what a moderator would do
  async takedown({ did }) {
    await network.bsky.ctx.dataplane.takedownActor({ did })
    return {}
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...args } = JSON.parse(line)
  try {
    answer(await commands[command](args))
  } catch (error) {
    answer({ error: String(error?.stack ?? error) })
  }
}
await network.close().catch(log)
process.exit(0)
