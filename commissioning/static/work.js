// Shows how far work in the background is, without loading the page again. Without this file the
// page loads itself again every few seconds.
const EVERY_MS = 2000
const MOST_FAILURES = 5

let failures = 0

async function look() {
  const shown = document.querySelector('[data-work]')
  if (!shown) return
  try {
    const answer = await fetch(window.location.href, { credentials: 'same-origin' })
    if (!answer.ok) throw new Error(String(answer.status))
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    const now = page.querySelector('[data-work]')
    if (!now) {
      window.location.reload()
      return
    }
    const line = now.querySelector('[data-work-progress]')
    const old = shown.querySelector('[data-work-progress]')
    if (line && old && line.innerHTML !== old.innerHTML) old.replaceChildren(...line.childNodes)
    failures = 0
  } catch {
    failures += 1
    if (failures >= MOST_FAILURES) return
  }
  window.setTimeout(look, EVERY_MS)
}

window.setTimeout(look, EVERY_MS)
