import { mount } from 'svelte';
import App from './App.svelte';
import './styles/tokens.css';
import './styles/elements.css';

const target = document.getElementById('window');
if (target === null) throw new Error('The page has no element #window.');
mount(App, { target });
