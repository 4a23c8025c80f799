import './style-nonce.ts'
import './no-eval.ts'
import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import './console.css'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'

const place = document.getElementById('console')
if (!place) throw new Error('index.html has no place for the console')
createRoot(place).render(<App />)
