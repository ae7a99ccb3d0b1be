// Everything works without this file; with it, GOV.UK components add counting, focus and menus.
import { initAll } from './govuk/govuk-frontend.min.js'

initAll()
