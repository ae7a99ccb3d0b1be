// A large file goes in pieces: a broken line costs one piece, and the rest is gone on with later.
// Without this script the form sends the file in one request; everything here only adds to that.

const WAITS = [1000, 2000, 4000, 8000]
const SILENCE = 60_000

const panel = document.querySelector('[data-upload-panel]')
const input = document.querySelector('input[type=file]')
// Only where the browser can compare pieces; elsewhere the form stays as it is.
if (panel && input && window.crypto?.subtle) {
  sendInPieces(panel, input)
}

class Broken extends Error {}
class Stopped extends Error {}
class Refused extends Error {
  constructor(words, { another = '', mayGoOn = false } = {}) {
    super(words)
    this.another = another
    this.mayGoOn = mayGoOn
  }
}

function sendInPieces(panel, input) {
  const part = (name) => panel.querySelector(`[data-upload-${name}]`)
  const form = input.form
  const pieceBytes = Number(panel.dataset.pieceBytes)
  const bar = panel.querySelector('progress')
  let file = null
  let told = null
  let here = 0
  let run = 0
  let request = null

  form.addEventListener('submit', (event) => {
    const chosen = input.files[0]
    if (chosen && (chosen.size > pieceBytes || panel.dataset.upload)) {
      event.preventDefault()
      file = chosen
      told = null
      here = 0
      start(false)
    }
  })
  part('go').addEventListener('click', () => start(false))
  part('instead').addEventListener('click', () => start(true))
  part('pause').addEventListener('click', pause)
  part('discard').addEventListener('click', discard)
  window.addEventListener('online', () => {
    if (panel.dataset.state === 'broken') start(false)
  })

  async function start(anew) {
    const mine = ++run
    show('going')
    // What the page said of it before is out of date from here on.
    document.querySelectorAll('[data-upload-before]').forEach((said) => { said.hidden = true })
    part('name').textContent = `Sending ${file.name}`
    if (document.activeElement !== part('name')) part('name').focus()
    try {
      const done = await send(anew, () => {
        if (mine !== run) throw new Stopped()
      })
      say('The whole file has arrived. It is added to your answer.')
      window.location.assign(done)
    } catch (error) {
      if (mine === run) stop(error)
    }
  }

  async function send(anew, check) {
    say('Reading the file, before the first piece goes.')
    const digests = await digestsOf(file, check)
    check()
    told = await persist(() => begin(digests, anew), check)
    if (told.done) return told.done
    if (panel.dataset.upload) panel.dataset.upload = told.upload
    const has = new Set(told.has)
    const arrived = () => (here = [...has].reduce((sum, number) => sum + pieceOf(number).size, 0))
    if (has.size) say(`Going on: ${words(arrived())} are here already.`)
    measure(arrived())
    for (let number = 0; number * pieceBytes < file.size; number++) {
      if (has.has(number)) continue
      const piece = pieceOf(number)
      const before = arrived()
      const answer = await persist(
        () => post(`${told.pieces}${number}`, piece, (sent) => measure(before + sent)),
        check,
      )
      if (answer.done) {
        measure(file.size)
        return answer.done
      }
      answer.has.forEach((one) => has.add(one))
      told = answer
      measure(arrived())
      say(`${words(arrived())} have arrived.`)
    }
    throw new Refused('Not every piece has arrived. Go on to send what is missing.', { mayGoOn: true })
  }

  const pieceOf = (number) =>
    file.slice(number * pieceBytes, Math.min((number + 1) * pieceBytes, file.size))

  async function digestsOf(file, check) {
    const found = []
    for (let start = 0; start < file.size; start += pieceBytes) {
      check()
      let bytes
      try {
        bytes = await file.slice(start, start + pieceBytes).arrayBuffer()
      } catch {
        throw new Refused(
          'The file cannot be read any more: it was changed, moved or closed since you chose it. Choose it again.',
        )
      }
      const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
      found.push([...hash].map((byte) => byte.toString(16).padStart(2, '0')).join(''))
    }
    return found
  }

  function begin(digests, anew) {
    const body = new URLSearchParams({
      csrf_token: panel.dataset.token,
      file_name: file.name,
      media_type: file.type,
      size: file.size,
      digests: digests.join(' '),
      upload: panel.dataset.upload,
      anew: anew ? 'yes' : '',
    })
    return post(panel.dataset.begin, body)
  }

  // Once more, and again, as long as the line or the server may come back by itself.
  async function persist(act, check) {
    for (const wait of [...WAITS, null]) {
      check()
      try {
        return await act()
      } catch (error) {
        if (!(error instanceof Broken) || wait === null) throw error
        check()
        say('The connection is broken. Trying again.')
        await new Promise((resolve) => setTimeout(resolve, wait))
      }
    }
  }

  function post(address, body, progress = () => {}) {
    return new Promise((resolve, reject) => {
      const asked = new XMLHttpRequest()
      let silence = null
      const heard = () => {
        clearTimeout(silence)
        silence = setTimeout(() => fail(new Broken()), SILENCE)
      }
      const fail = (error) => {
        clearTimeout(silence)
        reject(error)
        asked.abort()
      }
      request = { stop: () => fail(new Stopped()) }
      asked.open('POST', address)
      asked.setRequestHeader('X-CSRFToken', panel.dataset.token)
      if (body instanceof Blob) asked.setRequestHeader('Content-Type', 'application/octet-stream')
      asked.upload.addEventListener('progress', (event) => {
        heard()
        progress(Math.min(event.loaded, body.size))
      })
      asked.addEventListener('error', () => fail(new Broken()))
      asked.addEventListener('load', () => {
        clearTimeout(silence)
        answered(asked, resolve, reject)
      })
      heard()
      asked.send(body)
    })
  }

  function answered(asked, resolve, reject) {
    let found = null
    try {
      found = JSON.parse(asked.responseText)
    } catch {
      // a page: what it means is told by its status
    }
    if (asked.status === 200 && found) return resolve(found)
    if (asked.status === 422 && found) {
      const mayGoOn = Boolean(told) && !found.another && !found.isUnfit
      if (found.isUnfit) forget()
      return reject(new Refused(found.error, { another: found.another, mayGoOn }))
    }
    if (asked.status >= 500 || asked.status === 429) return reject(new Broken())
    if (asked.status === 404) {
      return reject(
        new Refused('This upload is not here any more, or you may not add files to this bid. Load this page again and choose the file.'),
      )
    }
    return reject(
      new Refused('Your session has ended. Load this page again to sign in, then choose the same file: what has arrived is kept, and only the rest is sent.'),
    )
  }

  function pause() {
    run++
    request?.stop()
    show('paused')
    say(`Paused. ${kept()}`)
    part('go').focus()
  }

  function discard() {
    run++
    request?.stop()
    const address = told?.discard
    if (!address) return show('idle', input)
    // As the button for those without scripts: the page that follows says what was done.
    const sent = document.createElement('form')
    sent.method = 'post'
    sent.action = address
    const token = document.createElement('input')
    token.type = 'hidden'
    token.name = 'csrf_token'
    token.value = panel.dataset.token
    sent.append(token)
    document.body.append(sent)
    sent.submit()
  }

  // What is never taken is not kept either; if this fails, it goes by itself a day later.
  function forget() {
    if (!told) return
    const body = new URLSearchParams({ csrf_token: panel.dataset.token })
    fetch(told.discard, { method: 'POST', body, redirect: 'manual' }).catch(() => {})
    told = null
  }

  function stop(error) {
    if (error instanceof Stopped) return
    const isRefused = error instanceof Refused
    part('words').textContent = isRefused
      ? error.message
      : `The connection is broken. ${kept()} Check your line, then press “Go on”.`
    part('name').textContent = file.name
    measure(here)
    if (told) say(`${words(here)} have arrived.`)
    if (!isRefused) show('broken')
    else if (error.another) show('another')
    else show(error.mayGoOn ? 'stuck' : 'refused')
    part('error').classList.add('govuk-error-summary')
    part('error').focus()
  }

  // Which parts are to be seen in which state.
  function show(state, focused) {
    const seen = {
      idle: ['form'],
      going: ['going', 'pause', 'discard'],
      paused: ['going', 'go', 'discard'],
      broken: ['error', 'going', 'go', 'discard'],
      stuck: ['error', 'going', 'go', 'discard', 'form'],
      another: ['error', 'instead', 'form'],
      refused: ['error', 'form'],
    }[state]
    panel.dataset.state = state
    panel.hidden = state === 'idle'
    for (const name of ['error', 'going', 'go', 'instead', 'pause', 'discard']) {
      part(name).hidden = !seen.includes(name)
    }
    form.hidden = !seen.includes('form')
    focused?.focus()
  }

  const say = (text) => {
    part('status').textContent = text
  }
  const measure = (bytes) => {
    bar.value = bytes / file.size
  }
  const kept = () => (told?.keptUntil ? `What has arrived is kept until ${told.keptUntil}.` : 'Nothing is lost.')
  const words = (bytes) => `${megabytes(bytes)} of ${megabytes(file.size)} MB`
  const megabytes = (bytes) => (bytes / 1_000_000).toFixed(1)
}
